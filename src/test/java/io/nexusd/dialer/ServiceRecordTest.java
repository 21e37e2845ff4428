package io.nexusd.dialer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ServiceRecordTest {
    private static ByteBuf record(int port, String... labels) {
        ByteBuf data = Unpooled.buffer().writeShort(10).writeShort(50).writeShort(port);
        for (String label : labels) {
            data.writeByte(label.length()).writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        return data.writeByte(0);
    }

    @Test
    void shouldReadHostAndPortAndLeaveTheDataAsItWas() {
        ByteBuf data = record(5671, "n-0", "svc");
        assertThat(ServiceRecord.read(data)).contains(new ServiceRecord("n-0.svc.", 5671));
        assertThat(ServiceRecord.read(data)).isPresent();
        assertThat(ServiceRecord.read(record(65_535, "n"))).contains(new ServiceRecord("n.", 65_535));
    }

    @Test
    void shouldTakeNothingFromWhatIsNoRecord() {
        ByteBuf whole = record(5671, "n-0", "svc");
        for (int length = 0; length <= 6; length++) {
            assertThat(ServiceRecord.read(whole.slice(0, length)))
                    .as("%s bytes", length)
                    .isEmpty();
        }
        assertThat(ServiceRecord.read(record(0, "n"))).isEmpty();
        assertThat(ServiceRecord.read(record(5671))).as("the root").isEmpty();
        ByteBuf overlong = Unpooled.buffer()
                .writeShort(0)
                .writeShort(0)
                .writeShort(1)
                .writeByte(60)
                .writeByte('a');
        assertThat(ServiceRecord.read(overlong)).isEmpty();
        // A pointer leads back into a message that is not at hand, here onto itself.
        ByteBuf pointer = Unpooled.buffer()
                .writeShort(0)
                .writeShort(0)
                .writeShort(1)
                .writeByte(0xC0)
                .writeByte(6);
        assertThat(ServiceRecord.read(pointer)).isEmpty();
    }
}
