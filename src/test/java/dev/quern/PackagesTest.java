package dev.quern;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Holds the README's map of packages: which may use which. */
class PackagesTest {
  private static final JavaClasses CLASSES = new ClassFileImporter().importPath(programClasses());

  private static final String ROOT = "dev.quern";
  private static final String ALL = "all";

  @Test
  void packagesUseOnlyThoseOfTheMap() throws IOException {
    Map<String, Set<String>> map = readMap();
    List<String> breaches = new ArrayList<>();
    for (JavaClass from : CLASSES) {
      Set<String> allowed = map.get(name(from));
      assertTrue(allowed != null, "the README's map lacks the package of " + from.getName());
      for (var dependency : from.getDirectDependenciesFromSelf()) {
        JavaClass to = dependency.getTargetClass();
        boolean ours = to.getPackageName().startsWith(ROOT);
        if (ours
            && !name(to).equals(name(from))
            && !allowed.contains(ALL)
            && !allowed.contains(name(to))) {
          breaches.add(dependency.getDescription());
        }
      }
    }
    assertTrue(breaches.isEmpty(), () -> String.join("\n", breaches));
  }

  @Test
  void theMapNamesNoPackageThatIsNotThere() throws IOException {
    Set<String> there = new TreeSet<>();
    CLASSES.forEach(c -> there.add(name(c)));
    assertEquals(there, new TreeSet<>(readMap().keySet()));
  }

  @Test
  void onlyTheEdgesKnowQuarkus() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.quern", "dev.quern.api..", "dev.quern.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.quarkus..", "io.vertx..", "jakarta..", "picocli..")
        .check(CLASSES);
  }

  @Test
  void onlyTextKnowsTheTokenizersLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.quern.text..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.djl..")
        .check(CLASSES);
  }

  /**
   * The table under "Packages": {@code | `name` | holds | `a`, `b` |}; "nothing" and "all" are
   * words.
   */
  private static Map<String, Set<String>> readMap() throws IOException {
    Map<String, Set<String>> map = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("README.md"))) {
      String[] cells = line.split("\\|");
      if (cells.length != 4 || !cells[1].strip().matches("`[a-z.]+`")) {
        continue;
      }
      Set<String> uses = new TreeSet<>();
      for (String used : cells[3].strip().split(",")) {
        uses.add(used.strip().replace("`", ""));
      }
      map.put(cells[1].strip().replace("`", ""), uses);
    }
    return map;
  }

  /** The folder that the program was compiled into, without its tests. */
  private static Path programClasses() {
    try {
      return Path.of(Quern.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * {@code backend.cpu} for {@code dev.quern.backend.cpu}; the root package is {@code dev.quern}.
   */
  private static String name(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(ROOT) ? ROOT : name.substring(ROOT.length() + 1);
  }
}
