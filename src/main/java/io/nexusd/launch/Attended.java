package io.nexusd.launch;

import io.nexusd.bus.Bus;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;

/** A verticle that answers roll calls on its own event loop besides its work, so that a stuck loop is seen. */
record Attended(Bus bus, String room, Deployable verticle) implements Deployable {
    /** Returns the verticle as one that answers in the name of its room, the last part of its package. */
    static Attended by(Bus bus, Deployable verticle) {
        String name = verticle.getClass().getPackageName();
        return new Attended(bus, name.substring(name.lastIndexOf('.') + 1), verticle);
    }

    @Override
    public Future<?> deploy(Context context) throws Exception {
        bus.joinRollCall(room);
        return verticle.deploy(context);
    }

    @Override
    public Future<?> undeploy(Context context) throws Exception {
        return verticle.undeploy(context);
    }
}
