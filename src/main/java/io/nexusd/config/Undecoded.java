package io.nexusd.config;

/**
 * Texts from the command line and the environment that lost characters before anybody saw them: in a locale whose character set
 * does not have them, the virtual machine puts the same substitute for each, and different values become equal.
 */
final class Undecoded {
    /** For a path, which can be written nowhere else. */
    static final String PATH_RULE =
            "has characters that the locale of this process cannot decode; must be ASCII, or start with a"
                    + " UTF-8 locale, such as LC_ALL=C.UTF-8";

    static final String RULE = PATH_RULE + ", or write the value in the configuration file";

    private static final char SUBSTITUTE = '\uFFFD';

    private Undecoded() {}

    static boolean isIn(String text) {
        return text.indexOf(SUBSTITUTE) >= 0;
    }
}
