package io.nexusd.dialer;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.nexusd.model.Endpoint;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names to addresses, all of them, asked anew every time: neither an old address nor an old "no such name" survives. Honours
 * the hosts file and the system's name servers and search domains, as they are at each lookup. Completes on the event loop that it
 * was made for.
 */
final class Resolver {
    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);

    /** A name server that has not answered by then is asked again, or the next one is. */
    private static final int QUERY_TIMEOUT_MS = 1_000;

    /** Queries of one lookup, over all name servers and search domains. */
    private static final int MAX_QUERIES = 16;

    /** What the former name servers were asked may still be answered for so long. */
    private static final long RETIRE_AFTER_MS = 10_000;

    private final Context context;
    private NameFiles files = NameFiles.UNREAD;
    private EventLoopGroup group;
    private DnsNameResolver resolver;

    Resolver(Context context) {
        this.context = context;
    }

    /** Returns every address of the host of both families, IPv4 first; fails when there is none. Literals are returned as they are. */
    Future<List<String>> resolve(String host) {
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            return Future.succeededFuture(List.of(host));
        }
        return refreshed().compose(v -> {
            List<InetAddress> known = files.addressesOf(host);
            return known.isEmpty() ? ask(host) : Future.succeededFuture(texts(known));
        });
    }

    private static List<String> texts(List<InetAddress> addresses) {
        return addresses.stream().map(InetAddress::getHostAddress).distinct().toList();
    }

    /** Reads the system's files again; where they name other servers than before, those are asked from now on. */
    private Future<Void> refreshed() {
        NameFiles before = files;
        return context.executeBlocking(before::refreshed)
                .onSuccess(read -> {
                    if (read == before) {
                        return;
                    }
                    if (!read.servers().equals(files.servers())) {
                        retire();
                    }
                    files = read;
                })
                .mapEmpty();
    }

    private void retire() {
        DnsNameResolver retired = resolver;
        resolver = null;
        if (retired != null) {
            LOG.info("name servers changed, names are looked up with the new ones");
            context.owner().setTimer(RETIRE_AFTER_MS, timer -> retired.close());
        }
    }

    private Future<List<String>> ask(String host) {
        Promise<List<String>> addresses = Promise.promise();
        resolver()
                .resolveAll(host)
                .addListener(result -> context.runOnContext(v -> {
                    if (result.isSuccess()) {
                        @SuppressWarnings("unchecked")
                        List<InetAddress> found = (List<InetAddress>) result.getNow();
                        addresses.complete(texts(found));
                    } else {
                        addresses.fail(new UnresolvedException(host, result.cause()));
                    }
                }));
        return addresses.future();
    }

    /**
     * Returns every address and port that the SRV records of the name stand for; a host of them that has no address now is
     * left out. Fails when there is no record, or no host has one.
     */
    Future<Set<Endpoint>> resolveService(String name) {
        return refreshed().compose(v -> records(searched(name), 0, name)).compose(records -> {
            List<Future<List<String>>> lookups =
                    records.stream().map(record -> resolve(record.host())).toList();
            return Future.join(lookups).transform(done -> {
                Set<Endpoint> endpoints = new LinkedHashSet<>();
                for (int i = 0; i < records.size(); i++) {
                    if (lookups.get(i).succeeded()) {
                        int port = records.get(i).port();
                        lookups.get(i).result().forEach(host -> endpoints.add(new Endpoint(host, port)));
                    }
                }
                return endpoints.isEmpty()
                        ? Future.failedFuture(new UnresolvedException(name, done.cause()))
                        : Future.succeededFuture(endpoints);
            });
        });
    }

    private Future<List<ServiceRecord>> records(List<String> names, int index, String asked) {
        Promise<List<ServiceRecord>> promise = Promise.promise();
        DnsNameResolver asking = resolver();
        asking.resolveAll(new DefaultDnsQuestion(names.get(index), DnsRecordType.SRV))
                .addListener(result -> {
                    @SuppressWarnings("unchecked")
                    List<DnsRecord> answer = result.isSuccess() ? (List<DnsRecord>) result.getNow() : List.of();
                    List<ServiceRecord> read = read(answer);
                    context.runOnContext(v -> {
                        if (read.isEmpty()) {
                            promise.fail(new UnresolvedException(asked, result.cause()));
                        } else {
                            promise.complete(read);
                        }
                    });
                });
        return index + 1 < names.size()
                ? promise.future().recover(e -> records(names, index + 1, asked))
                : promise.future();
    }

    private static List<ServiceRecord> read(List<DnsRecord> answer) {
        List<ServiceRecord> read = new ArrayList<>();
        for (DnsRecord record : answer) {
            if (record.type().equals(DnsRecordType.SRV) && record instanceof DnsRawRecord raw) {
                ServiceRecord.read(raw.content()).ifPresent(read::add);
            }
            ReferenceCountUtil.release(record);
        }
        return read;
    }

    /** The name as it is and within each search domain of this host; one that ends in a dot is complete. */
    private List<String> searched(String name) {
        List<String> names = new ArrayList<>(List.of(name));
        if (!name.endsWith(".")) {
            files.servers().searchDomains().forEach(domain -> names.add(name + "." + domain));
        }
        return names;
    }

    void close() {
        if (resolver != null) {
            resolver.close();
        }
        if (group != null) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** Made when the first name is seen: a node that only hears multicast needs none. */
    private DnsNameResolver resolver() {
        if (resolver == null) {
            if (group == null) {
                group = new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("nexusd-dns", true), NioIoHandler.newFactory());
            }
            NameFiles.Servers servers = files.servers();
            resolver = new DnsNameResolverBuilder(group.next())
                    .datagramChannelType(NioDatagramChannel.class)
                    .socketChannelType(NioSocketChannel.class)
                    .nameServerProvider(new SequentialDnsServerAddressStreamProvider(servers.addresses()))
                    .searchDomains(servers.searchDomains())
                    .ndots(servers.ndots())
                    .maxQueriesPerResolve(MAX_QUERIES)
                    // The hosts file is looked at before; this one would read it once and for all.
                    .hostsFileEntriesResolver((name, types) -> null)
                    .queryTimeoutMillis(QUERY_TIMEOUT_MS)
                    .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
                    // A host may be reachable at its addresses of the other family only.
                    .completeOncePreferredResolved(false)
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
