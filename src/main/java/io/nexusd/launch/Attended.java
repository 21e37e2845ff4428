package io.nexusd.launch;

import io.nexusd.bus.Bus;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;

/** A verticle that answers roll calls on its own event loop besides its work, so that a stuck loop is seen. */
record Attended(String room, Deployable verticle, Bus bus) implements Deployable {
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
