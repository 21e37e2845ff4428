package io.nexusd.fakenet;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;

/** The options of a channel in memory. Those of sockets are taken and mean nothing. */
final class FakeChannelConfig extends DefaultChannelConfig {
    FakeChannelConfig(Channel channel) {
        super(channel);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        super.setOption(option, value);
        return true;
    }
}
