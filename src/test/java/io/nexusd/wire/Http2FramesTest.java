package io.nexusd.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nexusd.client.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Http2FramesTest {
    private static final byte[] SETTINGS = RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, new byte[6]);

    @Test
    void shouldTellTheProtocolByTheFirstBytes() {
        Http2Frames post = new Http2Frames();
        assertThat(post.read(ascii("P"))).isZero();
        assertThat(post.protocol()).isEqualTo(Http2Frames.Protocol.UNKNOWN);
        assertThat(post.read(ascii("OST / HTTP/1.1\r\n"))).isEqualTo(1);
        assertThat(post.protocol()).isEqualTo(Http2Frames.Protocol.HTTP_1);
        Http2Frames preface = new Http2Frames();
        preface.read(Unpooled.wrappedBuffer(RawHttp2.PREFACE));
        assertThat(preface.protocol()).isEqualTo(Http2Frames.Protocol.HTTP_2);
        assertThat(preface.greeted()).isFalse();
        preface.read(Unpooled.wrappedBuffer(SETTINGS));
        assertThat(preface.greeted()).isTrue();
    }

    @Test
    void shouldCountTheSameHoweverTheBytesAreCut() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(RawHttp2.PREFACE);
        all.writeBytes(SETTINGS);
        all.writeBytes(RawHttp2.frame(RawHttp2.HEADERS, 0, 7, new byte[100]));
        all.writeBytes(RawHttp2.frame(RawHttp2.CONTINUATION, RawHttp2.END_HEADERS, 7, new byte[300]));
        all.writeBytes(RawHttp2.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 7, new byte[1000]));
        all.writeBytes(RawHttp2.frame(RawHttp2.DATA, 0, 7, new byte[0]));
        all.writeBytes(RawHttp2.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 7, new byte[0]));
        all.writeBytes(RawHttp2.frame(RawHttp2.RST_STREAM, 0, 7, new byte[4]));
        all.writeBytes(RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));
        byte[] bytes = all.toByteArray();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            Http2Frames frames = new Http2Frames();
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(round + 1));
                frames.read(Unpooled.wrappedBuffer(bytes, at, length));
                at += length;
            }
            // Settings 10, headers without an end 1, continuation 1, empty data 1, reset 2, ping 1.
            assertThat(frames.takeCost()).as("seed %d round %d", seed, round).isEqualTo(16);
            assertThat(frames.takeCost()).isZero();
            // The block of headers is one.
            assertThat(frames.finished()).isEqualTo(7);
            assertThat(frames.unfinished()).isFalse();
            assertThat(frames.lastStream()).isEqualTo(7);
        }
    }

    @Test
    void shouldSeeWhatIsUnfinished() {
        Http2Frames frames = new Http2Frames();
        frames.read(Unpooled.wrappedBuffer(RawHttp2.PREFACE));
        frames.read(Unpooled.wrappedBuffer(SETTINGS));
        byte[] headers = RawHttp2.frame(RawHttp2.HEADERS, 0, 1, new byte[20]);
        frames.read(Unpooled.wrappedBuffer(headers, 0, 12));
        assertThat(frames.unfinished()).isTrue();
        frames.read(Unpooled.wrappedBuffer(headers, 12, headers.length - 12));
        assertThat(frames.unfinished()).as("the block goes on").isTrue();
        frames.read(
                Unpooled.wrappedBuffer(RawHttp2.frame(RawHttp2.CONTINUATION, RawHttp2.END_HEADERS, 1, new byte[0])));
        assertThat(frames.unfinished()).isFalse();
    }

    private static ByteBuf ascii(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII));
    }
}
