package io.nexusd.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;

/**
 * An answer cut to what gRPC clients read by default. Elements of repeated fields are left out from the end; where they have lists
 * themselves, as members have topics, each keeps an equal share. The field {@code omitted} of the answer says how many are left out.
 */
public final class BoundedAnswer {
    /** The largest message that gRPC clients read unless they are configured otherwise. */
    public static final int CLIENT_MESSAGE_BYTES = 4 * 1024 * 1024;

    /** Name of the field, in each answer that may be large. */
    public static final String OMITTED = "omitted";

    private static final int OMITTED_BYTES = 16;
    /** Tag and length of an element, at most. */
    private static final int ELEMENT_BYTES = 8;

    private long omitted;

    private BoundedAnswer() {}

    /** Returns the answer, cut where it has more bytes than these. */
    public static <T extends Message> T fit(T answer, int maxBytes) {
        // The size first: the description of a type is made when it is first asked for, which takes its part of a
        // start.
        FieldDescriptor field = answer.getSerializedSize() <= maxBytes
                ? null
                : answer.getDescriptorForType().findFieldByName(OMITTED);
        if (field == null) {
            return answer;
        }
        BoundedAnswer cut = new BoundedAnswer();
        Message.Builder fitting = cut.cut(answer, maxBytes - OMITTED_BYTES).toBuilder();
        @SuppressWarnings("unchecked") // A builder builds what it is of.
        T result = (T) fitting.setField(field, cut.omitted).build();
        return result;
    }

    private Message cut(Message whole, long maxBytes) {
        Message.Builder kept = whole.newBuilderForType();
        whole.getAllFields().forEach((field, value) -> {
            if (!field.isRepeated()) {
                kept.setField(field, value);
            }
        });
        long left = maxBytes - kept.buildPartial().getSerializedSize();
        for (Map.Entry<FieldDescriptor, Object> entry : whole.getAllFields().entrySet()) {
            if (entry.getKey().isRepeated()) {
                left -= keep(kept, entry.getKey(), (List<?>) entry.getValue(), left);
            }
        }
        return kept.build();
    }

    /** Adds the elements that fit; returns how many bytes they take. */
    private long keep(Message.Builder target, FieldDescriptor field, List<?> elements, long maxBytes) {
        long share = maxBytes / elements.size() - ELEMENT_BYTES;
        long used = 0;
        for (int i = 0; i < elements.size(); i++) {
            Object element = elements.get(i);
            if (share > 0 && isDivisible(field, element) && bytes(element) > share) {
                element = cut((Message) element, share);
            }
            long size = bytes(element) + ELEMENT_BYTES;
            if (used + size > maxBytes) {
                omitted += elements.size() - i;
                break;
            }
            target.addRepeatedField(field, element);
            used += size;
        }
        return used;
    }

    private static boolean isDivisible(FieldDescriptor field, Object element) {
        return !field.isMapField()
                && element instanceof Message message
                && message.getAllFields().keySet().stream().anyMatch(FieldDescriptor::isRepeated);
    }

    private static long bytes(Object element) {
        if (element instanceof Message message) {
            return message.getSerializedSize();
        }
        return element instanceof String text ? CodedOutputStream.computeStringSizeNoTag(text) : ELEMENT_BYTES + 2;
    }
}
