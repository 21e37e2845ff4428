package io.nexusd.cli;

/** How text is set off on a terminal; the numbers are those of ECMA-48, Select Graphic Rendition. */
enum Style {
    PLAIN(""),
    HEADER("1"),
    GOOD("32"),
    WARNING("33"),
    BAD("31"),
    FAINT("2");

    private final String code;

    Style(String code) {
        this.code = code;
    }

    String on(String text) {
        return code.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }
}
