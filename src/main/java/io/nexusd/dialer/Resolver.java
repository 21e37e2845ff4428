package io.nexusd.dialer;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Names to addresses, all of them, asked anew every time: neither an old address nor an old "no such name" survives. Honours
 * the hosts file and the system's name servers and search domains. Completes on the event loop that it was made for.
 */
final class Resolver {
    /** A name server that has not answered by then is asked again, or the next one is. */
    private static final int QUERY_TIMEOUT_MS = 1_000;

    private final Context context;
    private EventLoopGroup group;
    private DnsNameResolver resolver;

    Resolver(Context context) {
        this.context = context;
    }

    /** Returns every address of the host, IPv4 first; fails when there is none. Literals are returned as they are. */
    Future<List<String>> resolve(String host) {
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            return Future.succeededFuture(List.of(host));
        }
        Promise<List<String>> addresses = Promise.promise();
        resolver()
                .resolveAll(host)
                .addListener(result -> context.runOnContext(v -> {
                    if (result.isSuccess()) {
                        @SuppressWarnings("unchecked")
                        List<InetAddress> found = (List<InetAddress>) result.getNow();
                        addresses.complete(found.stream()
                                .map(InetAddress::getHostAddress)
                                .distinct()
                                .toList());
                    } else {
                        addresses.fail(new UnresolvedException(host, result.cause()));
                    }
                }));
        return addresses.future();
    }

    void close() {
        if (resolver != null) {
            resolver.close();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** Made when the first name is seen: a node that only hears multicast needs none. */
    private DnsNameResolver resolver() {
        if (resolver == null) {
            group = new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("nexusd-dns", true), NioIoHandler.newFactory());
            resolver = new DnsNameResolverBuilder(group.next())
                    .datagramChannelType(NioDatagramChannel.class)
                    .socketChannelType(NioSocketChannel.class)
                    .queryTimeoutMillis(QUERY_TIMEOUT_MS)
                    .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
                    .completeOncePreferredResolved(true)
                    .resolveCache(NoopDnsCache.INSTANCE)
                    .cnameCache(NoopDnsCnameCache.INSTANCE)
                    .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                    .build();
        }
        return resolver;
    }

    /** The name has no address, or nobody could be asked. */
    static final class UnresolvedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnresolvedException(String host, Throwable cause) {
            super("the name '" + host + "' does not resolve", cause);
        }
    }
}
