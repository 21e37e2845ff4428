package io.nexusd.bus;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The components at both ends of an {@link Address} or a {@link Query}. A test compares it with the compiled code: a class of a
 * component counts for that component, and a class of a shared package, such as a listener, for the components that call it.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Flow {
    /** The components that publish to the address or send requests to the query. */
    Component[] from();

    /** The components that receive from the address, or the one component that answers the query. */
    Component[] to();
}
