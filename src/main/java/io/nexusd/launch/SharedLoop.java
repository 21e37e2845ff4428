package io.nexusd.launch;

import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.Callable;

/** Puts verticles on one event loop, for which every message between them would otherwise wake another thread. */
final class SharedLoop {
    /** That of the first verticle; set before the next one is deployed. */
    private volatile Context context;

    /** Returns the verticle as one that lives where the first of them does. */
    Deployable with(Deployable verticle) {
        return new Deployable() {
            @Override
            public Future<?> deploy(Context own) {
                if (context == null) {
                    context = own;
                }
                return there(() -> verticle.deploy(context));
            }

            @Override
            public Future<?> undeploy(Context own) {
                return there(() -> verticle.undeploy(context));
            }
        };
    }

    private Future<Void> there(Callable<Future<?>> action) {
        Promise<Void> done = Promise.promise();
        context.runOnContext(v -> {
            try {
                action.call().<Void>mapEmpty().onComplete(done);
            } catch (Exception e) {
                done.fail(e);
            }
        });
        return done.future();
    }
}
