package io.nexusd;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.VerticleBase;

@AnalyzeClasses(packages = "io.nexusd", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] FEATURES = {
        "io.nexusd.config..",
        "io.nexusd.discovery..",
        "io.nexusd.dialer..",
        "io.nexusd.meshapi..",
        "io.nexusd.gossip..",
        "io.nexusd.routing..",
        "io.nexusd.appapi..",
        "io.nexusd.admin..",
        "io.nexusd.tracing..",
        "io.nexusd.systemd..",
        "io.nexusd.cli..",
        "io.nexusd.bench..",
        "io.nexusd.demo..",
    };

    @ArchTest
    static final ArchRule MODEL_KNOWS_NOTHING_ABOVE_IT = noClasses()
            .that()
            .resideInAPackage("io.nexusd.model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.nexusd.bus..", "io.nexusd.wire..", "io.nexusd.proto..", "io.netty..");

    @ArchTest
    static final ArchRule BUS_KNOWS_ONLY_THE_MODEL = noClasses()
            .that()
            .resideInAPackage("io.nexusd.bus..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.nexusd.wire..", "io.nexusd.proto..", "io.nexusd.launch..");

    @ArchTest
    static final ArchRule NOTHING_DEPENDS_ON_LAUNCH = noClasses()
            .that()
            .resideOutsideOfPackage("io.nexusd.launch..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.nexusd.launch..");

    @ArchTest
    static final ArchRule FEATURES_DO_NOT_KNOW_EACH_OTHER = slices().matching("io.nexusd.(*)..")
            .namingSlices("$1")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(
                    com.tngtech.archunit.base.DescribedPredicate.alwaysTrue(),
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(
                            "io.nexusd.model..", "io.nexusd.bus..", "io.nexusd.wire..", "io.nexusd.proto.."))
            .ignoreDependency(
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("io.nexusd.launch.."),
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(FEATURES));

    @ArchTest
    static final ArchRule GENERATED_CLASSES_STAY_AT_THE_EDGES = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.nexusd.wire..",
                    "io.nexusd.dialer..",
                    "io.nexusd.meshapi..",
                    "io.nexusd.appapi..",
                    "io.nexusd.cli..",
                    "io.nexusd.bench..",
                    "io.nexusd.demo..",
                    "io.nexusd.proto..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.nexusd.proto..");

    @ArchTest
    static final ArchRule VERTICLES_ARE_NAMED_SO = classes()
            .that()
            .areAssignableTo(VerticleBase.class)
            .should()
            .haveSimpleNameEndingWith("Verticle")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule NO_OLD_STYLE_VERTICLES =
            noClasses().should().beAssignableTo(AbstractVerticle.class).allowEmptyShould(true);
}
