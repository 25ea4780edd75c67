package io.github.einkorn.peers.driver;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The figures as text: for the terminal while they come, and as Markdown in the end. */
final class Report {
  private Report() {}

  static String terminal(Comparison c) {
    var s = new StringBuilder("\n" + c.title() + "\n");
    for (Row r : c.rows()) {
      if (r.ran()) {
        s.append(String.format(Locale.ROOT, "  %-24s %10s %-3s %-22s %18s %10s  %s", r.name(), Row.number(r.median()),
            r.unit(), r.spread(), r.rate(), r.peak(), c.ratio(r).map(Object::toString).orElse("")));
        if (!r.note().isEmpty()) s.append("  ").append(r.note());
      } else {
        s.append(String.format("  %-24s did not run: %s", r.name(), r.note()));
      }
      s.append('\n');
    }
    c.ratio().ifPresent(x -> s.append("  best peer / Einkorn: ").append(x).append(" (").append(c.best().get().name())
        .append(")\n"));
    return s.toString().replaceAll(" +\n", "\n");
  }

  /** {@code chart} is the name of the file in the same folder that shows the ratios. */
  static String markdown(Machine machine, String command, List<Comparison> all, String chart) {
    var s = new StringBuilder("# Einkorn beside its peers, " + LocalDate.now() + "\n\n");
    s.append("```sh\n").append(command).append("\n```\n\n| | |\n|---|---|\n");
    machine.facts().forEach((name, fact) -> line(s, name, fact));
    s.append("\nMedians of alternating rounds, several processes of each library one after the other. A ratio is the "
        + "time of a peer\ndivided by Einkorn's: that of the medians, and in brackets a range that holds the quartiles "
        + "of the ratios round by\nround and the ratio of each pair of processes; against the best peer it is that "
        + "of the smallest\nratio, whichever peer's that is. Two runs agree where these overlap.\n");
    summary(s, all, chart);
    rows(s, all);
    failures(s, all);
    return s.toString();
  }

  private static void summary(StringBuilder s, List<Comparison> all, String chart) {
    if (all.stream().noneMatch(c -> c.ratio().isPresent())) return;
    s.append("\n## Against the best peer\n\n");
    s.append("![the ratios as bars](").append(chart).append(")\n\n");
    s.append("| work | Einkorn | best peer | | ratio | raw oneDNN / Einkorn |\n|---|---:|---:|---|---:|---:|\n");
    for (Comparison c : all) {
      if (c.ratio().isEmpty()) continue;
      Row best = c.best().get();
      Function<Row, String> figure = r -> Row.number(r.median()) + " " + r.unit();
      line(s, c.title(), c.einkorn().map(figure).get(), figure.apply(best), best.name(), c.ratio().get().toString(),
          c.floor().flatMap(c::ratio).map(Object::toString).orElse(""));
    }
  }

  private static void rows(StringBuilder s, List<Comparison> all) {
    s.append("\n## All figures\n\n| work | library | median | p10 .. p90 | per second | peak memory | / Einkorn | |\n"
        + "|---|---|---:|---:|---:|---:|---:|---|\n");
    for (Comparison c : all) {
      for (Row r : c.rows()) {
        if (!r.ran()) continue;
        line(s, c.title(), r.name(), Row.number(r.median()) + " " + r.unit(), r.spread(), r.rate(), r.peak(),
            c.ratio(r).map(Object::toString).orElse(""), r.note());
      }
    }
  }

  private static void failures(StringBuilder s, List<Comparison> all) {
    if (all.stream().flatMap(c -> c.rows().stream()).allMatch(Row::ran)) return;
    s.append("\n## What did not run\n\n| library | why | work |\n|---|---|---|\n");
    var works = new LinkedHashMap<List<String>, List<String>>(); // by library and reason
    for (Comparison c : all) {
      for (Row r : c.rows()) {
        if (!r.ran()) works.computeIfAbsent(List.of(r.name(), r.note()), k -> new ArrayList<>()).add(c.title());
      }
    }
    works.forEach((what, titles) -> line(s, what.get(0), what.get(1),
        titles.size() == all.size() && all.size() > 1 ? "all" : String.join("; ", titles)));
  }

  private static void line(StringBuilder s, String... cells) {
    s.append('|');
    for (String cell : cells) s.append(' ').append(cell.replace("|", "\\|")).append(cell.isEmpty() ? "|" : " |");
    s.append('\n');
  }
}
