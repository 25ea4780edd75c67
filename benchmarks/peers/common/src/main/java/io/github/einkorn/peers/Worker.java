package io.github.einkorn.peers;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.Locale;

/**
 * One library on one task, in a process of its own, driven line by line. It makes everything ready, warms up, and
 * prints {@code ready MS}, the milliseconds of its last step; then it answers every {@code go STEPS} with
 * {@code ms MS}, the milliseconds of a step, followed by the accuracy where there is one. It ends with its input. A
 * library that does not do such a task prints {@code unsupported REASON} instead. Everything else is ignored, and may
 * go to standard error.
 */
public interface Worker {
  /** At least so many steps are taken before the time is. */
  int WARM_UP_STEPS = 3;

  /** At least so long is warmed up. */
  double WARM_UP_SECONDS = 3;

  /** One step of the task, finished when it returns. */
  void step();

  /** The accuracy on the test set, NaN where the task is not {@link Whole#MNIST}. */
  default double accuracy() {
    return Double.NaN;
  }

  /** How a library makes its workers. */
  interface Library {
    /**
     * Prepares a task.
     *
     * @param config one of the configurations of the library, as {@code channels-last}
     * @throws UnsupportedOperationException if it is none for this library, saying why
     */
    Worker worker(Task task, int threads, String config) throws Exception;
  }

  /** The main method of a worker: the arguments are the name of the task, the number of threads, the configuration. */
  static void main(String[] args, Library library) throws Exception {
    if (args.length != 3) throw new IllegalArgumentException("expected TASK THREADS CONFIG, got " + args.length);
    PrintStream out = System.out;
    System.setOut(System.err); // the libraries' own remarks
    Task task = Task.of(args[0]);
    Task built = task == Whole.COLD_START ? new Work(Net.W2, 100, true) : task;
    Worker worker;
    try {
      worker = library.worker(built, Integer.parseInt(args[1]), args[2]);
    } catch (UnsupportedOperationException e) {
      out.println("unsupported " + e.getMessage());
      return;
    }
    serve(worker, task, out);
    System.exit(0); // whatever threads a library keeps
  }

  private static void serve(Worker worker, Task task, PrintStream out) throws Exception {
    out.println("ready " + warmUp(worker, task));
    var in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      double millis = time(worker, Integer.parseInt(line.substring("go ".length())));
      double accuracy = worker.accuracy();
      out.println(String.format(Locale.ROOT, "ms %.6f", millis) + (Double.isNaN(accuracy) ? "" : " " + accuracy));
    }
  }

  private static double warmUp(Worker worker, Task task) {
    if (task == Whole.MNIST) return 0;
    double last = time(worker, 1);
    if (task == Whole.COLD_START) return last;
    long start = System.nanoTime();
    for (int i = 1; i < WARM_UP_STEPS || System.nanoTime() - start < WARM_UP_SECONDS * 1e9; i++) last = time(worker, 1);
    return last;
  }

  /** The milliseconds of each of so many steps. */
  private static double time(Worker worker, int steps) {
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) worker.step();
    return (System.nanoTime() - start) / 1e6 / steps;
  }
}
