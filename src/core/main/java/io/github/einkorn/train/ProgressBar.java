package io.github.einkorn.train;

import java.io.PrintStream;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Shows how training goes. On a terminal one line is redrawn up to ten times a second:
 *
 * <pre>Epoch 2/5 ━━━━━━━━━━━━╸─────── 63 % 34120/54000 · 5120 images/s · loss 0.0712 · accuracy 0.9781 · 4 s left</pre>
 *
 * <p>Elsewhere, as in a file, there are plain lines: one about every ten seconds, and one after each epoch, which also
 * ends the line on a terminal. The environment is honoured: {@code NO_COLOR}, {@code TERM=dumb}, {@code COLUMNS}.
 * {@link Trainer} installs one by itself.
 */
public final class ProgressBar implements Callback {
  private static final long REDRAW = 100_000_000L;
  private static final long PLAIN = 10_000_000_000L;

  private final PrintStream out;
  private final Screen screen;
  private final LongSupplier nanos;
  private boolean brief;
  private int epoch;
  private long start;
  private long trained; // when the last batch was done
  private long last; // when something was printed
  private int shown; // characters on the live line

  /** On {@code System.out}. */
  public ProgressBar() {
    this(System.out);
  }

  /** On a stream; it is taken for a terminal only if it is {@code System.out} and that is one. */
  public ProgressBar(PrintStream out) {
    this(out, Screen.of(out), System::nanoTime);
  }

  ProgressBar(PrintStream out, Screen screen, LongSupplier nanos) {
    this.out = Objects.requireNonNull(out, "out");
    this.screen = screen;
    this.nanos = nanos;
  }

  /** Whether to print the line after each epoch only. Default false. */
  public ProgressBar brief(boolean wanted) {
    brief = wanted;
    return this;
  }

  @Override
  public void onTrainBegin(Training training) {
    training.printer = this::say;
    shown = 0;
  }

  @Override
  public void onEpochBegin(Training training, int epoch) {
    this.epoch = epoch;
    start = nanos.getAsLong();
    trained = start;
    last = screen.live() ? start - REDRAW : start;
  }

  @Override
  public void onBatchEnd(Training training, int batch, Logs logs) {
    trained = nanos.getAsLong();
    boolean end = batch == training.batches();
    boolean due = trained - last >= (screen.live() ? REDRAW : PLAIN);
    if (brief || !(screen.live() ? due || end : due && !end)) return;
    last = trained;
    if (screen.live()) draw(training, logs);
    else out.println(line(training, logs, 0, true, true));
    out.flush();
  }

  @Override
  public void onEpochEnd(Training training, int epoch, Logs logs) {
    String duration = Text.duration((nanos.getAsLong() - start) / 1e9, true);
    say(head(training) + screen.dot() + duration + rate(training) + values(logs));
  }

  @Override
  public void onTrainEnd(Training training) {
    if (shown > 0) out.println(); // training failed in the middle of a line
    out.flush();
    shown = 0;
  }

  /** A whole line, in place of the live one. */
  private void say(String line) {
    if (shown > 0) out.print("\r" + " ".repeat(shown) + "\r");
    shown = 0;
    out.println(line);
    out.flush();
  }

  // ---- the line ----

  /** What must give way, in order, until the line fits: the width of the bar, the count, the rate. */
  private void draw(Training training, Logs logs) {
    int room = screen.columns() - 1;
    String text = line(training, logs, 20, true, true);
    if (text.length() > room) text = line(training, logs, 10, true, true);
    if (text.length() > room) text = line(training, logs, 10, false, true);
    if (text.length() > room) text = line(training, logs, 5, false, true);
    if (text.length() > room) text = line(training, logs, 0, false, true);
    if (text.length() > room) text = line(training, logs, 0, false, false);
    if (text.length() > room) text = text.substring(0, room);
    String rest = " ".repeat(Math.max(0, shown - text.length()));
    shown = text.length();
    out.print("\r" + screen.paint(text) + rest);
  }

  private String line(Training t, Logs logs, int bar, boolean count, boolean rate) {
    double share = (double) t.seen() / t.samples();
    return head(t) + (bar > 0 ? " " + screen.bar(share, bar) : "") + " " + (int) (share * 100) + " %"
        + (count ? " " + t.seen() + "/" + t.samples() : "")
        + (rate ? rate(t) : "") + values(logs) + left(t);
  }

  private String head(Training t) {
    return "Epoch " + epoch + "/" + t.epochs();
  }

  private String rate(Training t) {
    return trained == start ? "" : screen.dot() + Text.rate(t.seen() / ((trained - start) / 1e9)) + " images/s";
  }

  private String values(Logs logs) {
    var s = new StringBuilder();
    for (Map.Entry<String, Double> e : logs.asMap().entrySet()) {
      s.append(screen.dot()).append(e.getKey()).append(' ').append(Text.number(e.getValue()));
    }
    return s.toString();
  }

  private String left(Training t) {
    if (t.seen() == t.samples()) return t.isValidated() ? screen.dot() + "validating" : "";
    double perSample = (trained - start) / 1e9 / t.seen();
    return screen.dot() + Text.duration(Math.ceil(perSample * (t.samples() - t.seen())), false) + " left";
  }
}
