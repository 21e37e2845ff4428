package io.nexusd.wire;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;

/**
 * Takes the wish to change the protocol out of HTTP/1 requests, so that they are answered in HTTP/1. A connection that began as HTTP/1 and
 * went on as HTTP/2 would escape the {@link ConnectionGuard}; gRPC clients begin with HTTP/2.
 */
@ChannelHandler.Sharable
final class NoUpgrade extends ChannelInboundHandlerAdapter {
    static final NoUpgrade INSTANCE = new NoUpgrade();

    private NoUpgrade() {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            request.headers().remove(HttpHeaderNames.UPGRADE);
        }
        ctx.fireChannelRead(message);
    }
}
