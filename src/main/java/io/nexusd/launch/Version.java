package io.nexusd.launch;

/** The version of this software. */
final class Version {
    private Version() {}

    /** Returns the version from the jar's manifest, {@code dev} when run from class files. */
    static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}
