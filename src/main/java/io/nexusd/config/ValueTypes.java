package io.nexusd.config;

import io.nexusd.model.Endpoint;
import io.nexusd.model.IpAddress;
import io.nexusd.model.PeerName;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The kinds of value that keys have. */
final class ValueTypes {
    /** More endpoints than this in one list is a mistake: DNS names stand for any number of nodes. */
    static final int MAX_ENDPOINTS = 1000;

    private static final int MAX_SHOWN_ITEMS = 10;
    private static final int MAX_INTEGER_LENGTH = 18;
    private static final Pattern PLAIN_INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
    /** As many digits as fit a value, so that the arithmetic is short, and some more for a text on the range. */
    private static final Pattern SIZE =
            Pattern.compile("(-?(?:0|[1-9][0-9]{0,99})) ?(?:([KMGT])(?:I?B|I)?|B)?", Pattern.CASE_INSENSITIVE);

    private static final String UNITS = "KMGT";
    private static final Pattern INTERFACE = Pattern.compile("[^\\s\\p{Cntrl}/,]{1,64}");

    private ValueTypes() {}

    static ValueType<Integer> integer(int min, int max) {
        return number(min, max, Long::intValue);
    }

    static ValueType<Long> longInteger(long min, long max) {
        return number(min, max, value -> value);
    }

    private static <T> ValueType<T> number(long min, long max, Function<Long, T> narrow) {
        return type("an integer from " + min + " to " + max, text -> {
            if (!PLAIN_INTEGER.matcher(text).matches()) {
                return Parsed.bad(
                        "is not a plain integer (digits only: no unit, underscore, sign '+' or leading zero)");
            }
            // What has more digits fits no long and no key.
            boolean tooLong = text.length() > MAX_INTEGER_LENGTH;
            long value = tooLong ? 0 : Long.parseLong(text);
            return tooLong || value < min || value > max
                    ? Parsed.bad("is out of range")
                    : Parsed.of(narrow.apply(value));
        });
    }

    /**
     * The same integer, or one with a unit: {@code 64K}, {@code 50MB} and {@code 1GiB} are 1024 to the power of 1, 2 and 3, as in
     * the options of a JVM or of a container, whatever the case of the letters and whether B or iB follows.
     */
    static <T> ValueType<T> size(ValueType<T> bytes) {
        return new ValueType<>() {
            @Override
            public Parsed<T> parse(String text) {
                Matcher size = SIZE.matcher(text);
                if (!size.matches()) {
                    return Parsed.bad(
                            "is not a size: digits without sign '+', underscore, fraction or leading zero, and at"
                                    + " most one of the units B, K, M, G and T");
                }
                int power = size.group(2) == null
                        ? 0
                        : 1 + UNITS.indexOf(size.group(2).toUpperCase(Locale.ROOT));
                return bytes.parse(
                        new BigInteger(size.group(1)).shiftLeft(10 * power).toString());
            }

            @Override
            public String rule() {
                return bytes.rule() + " or a size such as 64K, 50M or 1G (powers of 1024)";
            }

            @Override
            public String text(T value) {
                return bytes.text(value);
            }
        };
    }

    /** Visible text: no whitespace, no control characters, nothing that is not a character. */
    static ValueType<String> visible(int maxLength) {
        return matching(
                "1 to " + maxLength + " visible characters without whitespace",
                "is not allowed",
                text -> text.codePointCount(0, text.length()) <= maxLength
                        && !text.isEmpty()
                        && text.codePoints().allMatch(ValueTypes::isVisible));
    }

    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** An IP address in its canonical spelling, or a host name; brackets around an IPv6 address are taken off. */
    static ValueType<String> address() {
        return type(
                "an IP address or a host name, without port",
                text -> Hosts.isHost(IpAddress.unbracketed(text))
                        ? Parsed.of(IpAddress.canonical(IpAddress.unbracketed(text)))
                        : Parsed.bad("is neither an IP address nor a host name"));
    }

    /** As {@link #address()}, or empty for a choice at run time. */
    static ValueType<String> optionalAddress() {
        ValueType<String> address = address();
        return type(
                "an IP address or a host name, without port; empty chooses one",
                text -> text.isEmpty() ? Parsed.of("") : address.parse(text));
    }

    static ValueType<String> multicastGroup() {
        return type(
                "a multicast address (224.0.0.0 to 239.255.255.255, or IPv6 ff02:: to ff0e::) without zone", text -> {
                    IpAddress group =
                            IpAddress.parse(IpAddress.unbracketed(text)).orElse(null);
                    if (group == null || !group.isMulticast()) {
                        return Parsed.bad("is not a multicast address");
                    }
                    if (text.indexOf('%') >= 0) {
                        return Parsed.bad("names an interface, which belongs to discovery.multicast.interface");
                    }
                    return group.isIpv6() && Hosts.staysOnHost(group)
                            ? Parsed.bad("is a group that no beacon to other hosts may be sent to")
                            : Parsed.of(group.toString());
                });
    }

    /** A switch without a third state. */
    static ValueType<Boolean> trueOrFalse() {
        return type(
                "true or false",
                text -> text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")
                        ? Parsed.of(Boolean.valueOf(text))
                        : Parsed.bad("is unknown"));
    }

    static ValueType<String> httpUrl() {
        return matching("a URL such as http://host:4318/path", "is no such URL", text -> {
            try {
                URI url = new URI(text);
                return url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()));
            } catch (URISyntaxException e) {
                return false;
            }
        });
    }

    static ValueType<String> networkInterface() {
        return matching(
                "auto, or the name of a network interface (1 to 64 characters without whitespace, '/' or ',')",
                "cannot be the name of a network interface",
                text -> INTERFACE.matcher(text).matches());
    }

    /** A word that stands for a constant, in any case. */
    static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type, Function<E, String> word) {
        List<E> constants = List.of(type.getEnumConstants());
        String rule = constants.stream().map(word).collect(Collectors.joining(", ", "one of ", ""));
        return new ValueType<>() {
            @Override
            public Parsed<E> parse(String text) {
                return constants.stream()
                        .filter(constant -> word.apply(constant).equalsIgnoreCase(text))
                        .findFirst()
                        .map(Parsed::of)
                        .orElseGet(() -> Parsed.bad("is unknown"));
            }

            @Override
            public String rule() {
                return rule;
            }

            @Override
            public String text(E value) {
                return word.apply(value);
            }
        };
    }

    static <E extends Enum<E>> String lowerCase(E constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Endpoints separated by commas; blank items are skipped and repeated ones kept once. */
    static ValueType<List<Endpoint>> endpoints() {
        return list(
                "host:port or [ipv6]:port, several separated by commas, at most " + MAX_ENDPOINTS,
                ValueTypes::endpoint);
    }

    private static Parsed<Endpoint> endpoint(String text) {
        try {
            Endpoint endpoint = Endpoint.parse(text, Show.quoted(text));
            if (IpAddress.parse(endpoint.host()).filter(IpAddress::lacksZone).isPresent()) {
                return Parsed.bad(Show.quoted(text) + " is a link-local address without its interface (write ["
                        + endpoint.host() + "%eth0]:" + endpoint.port() + ", with the interface behind which it is)");
            }
            return Hosts.isHost(endpoint.host())
                    ? Parsed.of(endpoint)
                    : Parsed.bad(Show.quoted(text) + " has no valid host");
        } catch (IllegalArgumentException e) {
            return Parsed.bad(e.getMessage());
        }
    }

    /** As {@link #endpoints()}; a service is written without a port, and one behind it is not used. */
    static ValueType<List<PeerName>> peerNames() {
        return list(
                "host:port, [ipv6]:port or a service such as _mesh._tcp.name, several separated by commas, at most "
                        + MAX_ENDPOINTS,
                text -> {
                    if (text.startsWith("_")) {
                        String name = text.replaceFirst(":[0-9]{1,5}$", "");
                        return Hosts.isHost(name)
                                ? Parsed.of(new PeerName(name, 0))
                                : Parsed.bad(Show.quoted(text) + " is not the name of a service");
                    }
                    Parsed<Endpoint> endpoint = endpoint(text);
                    return endpoint.value()
                            .map(found -> Parsed.of(new PeerName(found.host(), found.port())))
                            .orElseGet(() -> Parsed.bad(endpoint.problem()));
                });
    }

    /** Items separated by commas, each read by the function. */
    private static <T> ValueType<List<T>> list(String rule, Function<String, Parsed<T>> item) {
        return new ValueType<>() {
            @Override
            public Parsed<List<T>> parse(String text) {
                return parseList(text, item);
            }

            @Override
            public String rule() {
                return rule;
            }

            @Override
            public String text(List<T> value) {
                return value.stream().map(String::valueOf).collect(Collectors.joining(","));
            }

            @Override
            public boolean isList() {
                return true;
            }
        };
    }

    private static <T> Parsed<List<T>> parseList(String text, Function<String, Parsed<T>> read) {
        Set<T> values = new LinkedHashSet<>();
        List<String> problems = new ArrayList<>();
        List<String> items = Stream.of(text.split(",", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
        if (items.size() > MAX_ENDPOINTS) {
            return Parsed.bad("has " + items.size() + " endpoints");
        }
        for (String item : items) {
            Parsed<T> parsed = read.apply(item);
            parsed.value().ifPresentOrElse(values::add, () -> problems.add(parsed.problem()));
        }
        if (problems.isEmpty()) {
            return Parsed.of(List.copyOf(values));
        }
        String more = problems.size() > MAX_SHOWN_ITEMS ? "; and " + (problems.size() - MAX_SHOWN_ITEMS) + " more" : "";
        return Parsed.bad(
                "has errors: " + problems.stream().limit(MAX_SHOWN_ITEMS).collect(Collectors.joining("; ")) + more);
    }

    private static ValueType<String> matching(String rule, String otherwise, Predicate<String> test) {
        return type(rule, text -> test.test(text) ? Parsed.of(text) : Parsed.bad(otherwise));
    }

    private static <T> ValueType<T> type(String rule, Function<String, Parsed<T>> parse) {
        return new ValueType<>() {
            @Override
            public Parsed<T> parse(String text) {
                return parse.apply(text);
            }

            @Override
            public String rule() {
                return rule;
            }
        };
    }
}
