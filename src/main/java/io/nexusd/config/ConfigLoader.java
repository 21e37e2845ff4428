package io.nexusd.config;

import io.nexusd.bus.Configuration.Entry;
import io.nexusd.config.Flags.Given;
import io.nexusd.config.LoadResult.Loaded;
import io.nexusd.config.LoadResult.ShowAndExit;
import io.nexusd.model.Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** Loads the configuration before any verticle runs. Reads files, so not for an event loop. */
public final class ConfigLoader {
    private static final int OK = 0;
    private static final int WRONG_USAGE = 2;

    private ConfigLoader() {}

    /**
     * Reads all sources and checks them as a whole.
     *
     * @param args the daemon's command line, without a leading command word
     * @param environment the environment variables
     * @param workingDir what relative paths are relative to
     */
    public static LoadResult parse(String[] args, Map<String, String> environment, Path workingDir) {
        Given given = Flags.parse(args);
        if (given.switches().contains(Flags.HELP)) {
            return new ShowAndExit(OK, Flags.help(), "");
        }
        if (given.switches().contains(Flags.VERSION)) {
            return new ShowAndExit(OK, "nexusd " + Version.current() + "\n", "");
        }
        return load(given, new Inputs(given.values(), environment, files(given, environment, workingDir)));
    }

    /** Reads flags alone: neither the environment nor any file. */
    public static LoadResult parseFlags(String... flags) {
        Given given = Flags.parse(flags);
        return load(given, new Inputs(given.values(), Map.of(), FileSource.none()));
    }

    /** Returns the flags of the daemon as the parser knows them, for manual pages and completion scripts. */
    public static CommandLine commandLine() {
        return new CommandLine(Flags.spec());
    }

    private static LoadResult load(Given given, Inputs inputs) {
        Evaluation.Result result = Evaluation.evaluate(inputs, inputs.files().read());
        List<Problem> problems = new ArrayList<>(given.problems());
        problems.addAll(result.problems());
        if (!problems.isEmpty() || result.config().isEmpty()) {
            return new ShowAndExit(WRONG_USAGE, "", report(problems) + warnings(result.warnings()));
        }
        EffectiveConfig config = result.config().get();
        return given.switches().contains(Flags.CHECK_CONFIG)
                ? new ShowAndExit(OK, listing(config), warnings(result.warnings()))
                : new Loaded(config, result.warnings());
    }

    private static String warnings(List<Problem> warnings) {
        StringBuilder text = new StringBuilder();
        warnings.forEach(
                warning -> text.append("nexusd: warning: ").append(warning).append('\n'));
        return text.toString();
    }

    private static FileSource files(Given given, Map<String, String> environment, Path workingDir) {
        String fromFlag = given.values().get(Flags.CONFIG);
        if (fromFlag != null) {
            return FileSource.named(fromFlag, "flag " + Flags.CONFIG, workingDir);
        }
        String fromEnvironment =
                environment.getOrDefault(EnvironmentLayer.CONFIG, "").strip();
        return fromEnvironment.isEmpty()
                ? FileSource.usual(workingDir)
                : FileSource.named(fromEnvironment, "environment " + EnvironmentLayer.CONFIG, workingDir);
    }

    private static String report(List<Problem> problems) {
        StringBuilder text = new StringBuilder("nexusd: the configuration has ")
                .append(problems.size() == 1 ? "a problem" : problems.size() + " problems")
                .append(":\n");
        problems.forEach(problem -> text.append("  ").append(problem).append('\n'));
        return text.append("Nothing was started. --help explains every flag and key.\n")
                .toString();
    }

    /** YAML that gives the same configuration when it is loaded. */
    private static String listing(EffectiveConfig config) {
        StringBuilder text = new StringBuilder("# configuration file: ")
                .append(config.file().orElse("none"))
                .append('\n');
        for (Entry entry : config.entries()) {
            String note = Keys.BY_PATH.get(entry.key()).defaultNote();
            text.append(entry.key())
                    .append(": ")
                    .append(Show.yaml(entry.value()))
                    .append("  # ")
                    .append(entry.source())
                    .append(entry.value().isEmpty() ? ", " + note : "")
                    .append('\n');
        }
        return text.append("# digest: sha256:")
                .append(config.digest())
                .append('\n')
                .toString();
    }
}
