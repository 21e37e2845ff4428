package io.nexusd.model;

/** The version of this software. */
public final class Version {
    private Version() {}

    /** Returns the version as the jar's manifest says, {@code development} when run from class files. */
    public static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
