package io.github.einkorn;

import static io.github.einkorn.global.einkorn.*;

import io.github.einkorn.global.einkorn;
import io.github.einkorn.ops.Abs;
import io.github.einkorn.ops.Add;
import io.github.einkorn.ops.Affine;
import io.github.einkorn.ops.Broadcast;
import io.github.einkorn.ops.Cast;
import io.github.einkorn.ops.Cat;
import io.github.einkorn.ops.Clamp;
import io.github.einkorn.ops.Compare;
import io.github.einkorn.ops.Div;
import io.github.einkorn.ops.DivScalar;
import io.github.einkorn.ops.Elu;
import io.github.einkorn.ops.Exp;
import io.github.einkorn.ops.Extreme;
import io.github.einkorn.ops.Gelu;
import io.github.einkorn.ops.IndexSelect;
import io.github.einkorn.ops.Layout;
import io.github.einkorn.ops.LeakyRelu;
import io.github.einkorn.ops.Log;
import io.github.einkorn.ops.LogSoftmax;
import io.github.einkorn.ops.MatMul;
import io.github.einkorn.ops.Maximum;
import io.github.einkorn.ops.Minimum;
import io.github.einkorn.ops.Mul;
import io.github.einkorn.ops.Narrow;
import io.github.einkorn.ops.Neg;
import io.github.einkorn.ops.OneHot;
import io.github.einkorn.ops.Pad2d;
import io.github.einkorn.ops.Permute;
import io.github.einkorn.ops.Pieces;
import io.github.einkorn.ops.Pow;
import io.github.einkorn.ops.Reciprocal;
import io.github.einkorn.ops.Relu;
import io.github.einkorn.ops.Reshape;
import io.github.einkorn.ops.Sigmoid;
import io.github.einkorn.ops.Silu;
import io.github.einkorn.ops.Softmax;
import io.github.einkorn.ops.Sqrt;
import io.github.einkorn.ops.Square;
import io.github.einkorn.ops.Step;
import io.github.einkorn.ops.Sub;
import io.github.einkorn.ops.Sum;
import io.github.einkorn.ops.Tanh;
import io.github.einkorn.ops.ToFormat;
import io.github.einkorn.plan.Trace;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * An array of numbers in native memory, with the operations of a neural network and their gradients.
 *
 * <p>Shapes are PyTorch's: images are (N, C, H, W), whatever the {@link Format} in memory. Operations return new
 * tensors; the few that work in place end in {@code InPlace}. Memory is freed by the {@link Scope} around, by
 * {@link #close()}, or by the garbage collector. Not for use from two threads at once while one of them changes it.
 */
public final class Tensor implements AutoCloseable {
  static final Cleaner CLEANER = Cleaner.create(); // of what threads leave behind too
  private static final VarHandle CLOSED_BY;
  private static final String LEAVING = "nobody yet"; // in closedBy while it is left to the garbage collector

  static {
    try {
      CLOSED_BY = MethodHandles.lookup().findVarHandle(Tensor.class, "closedBy", String.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Storage storage;
  private final Shape shape;
  private final DType dtype;
  private final Format format;
  private volatile String closedBy;
  private Scope scope;
  private Cleaner.Cleanable cleanable;
  private boolean requiresGrad;
  private Tensor grad;
  private Keeper gradients; // of this parameter, or null
  Graph.Node node;

  private Tensor(Storage storage, Shape shape, DType dtype, Format format) {
    this.storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    this.format = format;
    Scope s = Context.get().scope();
    if (s != null) moveTo(s);
    else cleanable = CLEANER.register(this, storage);
  }

  // ---- making tensors ----

  /**
   * A tensor of undefined contents.
   *
   * @throws ShapeException if it is to be channels-last without four dimensions
   */
  public static Tensor empty(DType dtype, Format format, Shape shape) {
    checkRank(format, shape);
    Tensor t = new Tensor(new Storage(shape.size() * dtype.bytes()), shape, dtype, format);
    Memory.note(t.storage, t);
    return t;
  }

  /** A contiguous float tensor of undefined contents. */
  public static Tensor empty(Shape shape) {
    return empty(DType.FLOAT32, Format.CONTIGUOUS, shape);
  }

  /** A tensor of undefined contents with the shape, type and format of another. */
  public static Tensor like(Tensor x) {
    return empty(x.dtype, x.format, x.shape);
  }

  /** A float tensor of zeros. */
  public static Tensor zeros(int... shape) {
    return full(0, shape);
  }

  /** A float tensor of ones. */
  public static Tensor ones(int... shape) {
    return full(1, shape);
  }

  /** A float tensor with every element set to a value. */
  public static Tensor full(float value, int... shape) {
    Tensor t = empty(Shape.of(shape));
    Native.check(ek_fill_float(t.address(), value, t.size()));
    return t.touched();
  }

  /** Floats drawn uniformly from [0, 1). */
  public static Tensor rand(int... shape) {
    return empty(Shape.of(shape)).uniformInPlace(0, 1);
  }

  /** Floats drawn from the normal distribution with mean 0 and deviation 1. */
  public static Tensor randn(int... shape) {
    return empty(Shape.of(shape)).normalInPlace(0, 1);
  }

  /** The int64 vector 0, 1, …, n - 1. */
  public static Tensor arange(int n) {
    return Pieces.longs(Shape.of(n), n, (row, i) -> i);
  }

  /**
   * The float vector start, start + step, … below end (above it for a negative step).
   *
   * @throws IllegalArgumentException if it would be empty, or a number is not finite
   */
  public static Tensor arange(double start, double end, double step) {
    double n = Math.ceil((end - start) / step);
    if (!(n >= 1 && n <= Integer.MAX_VALUE - 8)) {
      throw new IllegalArgumentException("arange: " + start + " to " + end + " by " + step + " is not a range");
    }
    return Pieces.floats(Shape.of((int) n), (int) n, (row, i) -> start + i * step);
  }

  /** The identity matrix (n, n). */
  public static Tensor eye(int n) {
    Tensor rows = arange(n);
    Tensor y = oneHot(rows, n);
    rows.close();
    return y;
  }

  /**
   * Floats (…, classes) that are 1 at the label and 0 elsewhere.
   *
   * @param labels int64, each in 0..classes-1
   * @throws IllegalArgumentException if a label is not
   */
  public static Tensor oneHot(Tensor labels, int classes) {
    return OneHot.apply(labels, classes);
  }

  /**
   * Tensors one after the other along a dimension: {@code torch.cat}.
   *
   * @throws ShapeException if shapes differ in another dimension
   * @throws DTypeException if types differ
   */
  public static Tensor cat(int dim, Tensor... tensors) {
    return Cat.apply(dim, tensors);
  }

  /**
   * Tensors of one shape along a new dimension: {@code torch.stack}.
   *
   * @throws ShapeException if shapes differ
   * @throws DTypeException if types differ
   */
  public static Tensor stack(int dim, Tensor... tensors) {
    return Cat.apply(dim, Arrays.stream(tensors).map(t -> t.unsqueeze(dim)).toArray(Tensor[]::new));
  }

  /** A vector of floats. */
  public static Tensor of(float... values) {
    return of(values, values.length);
  }

  /** Floats in row-major order, in a shape. */
  public static Tensor of(float[] values, int... shape) {
    Tensor t = empty(Shape.of(shape));
    t.checkCount(values.length);
    ek_put(t.address(), values, 0, values.length * 4L);
    return t.touched();
  }

  /** A matrix of floats. */
  public static Tensor of(float[][] rows) {
    int n = rows.length == 0 ? 0 : rows[0].length;
    float[] all = new float[arraySize(Shape.of(rows.length, n))];
    for (int i = 0; i < rows.length; i++) {
      if (rows[i].length != n) {
        throw new ShapeException("rows differ in length: row 0 has " + n + ", row " + i + " has " + rows[i].length);
      }
      System.arraycopy(rows[i], 0, all, i * n, n);
    }
    return of(all, rows.length, n);
  }

  /** A vector of int64, as labels are; {@code Tensor.of(1, 2)} is one too, as {@code torch.tensor([1, 2])}. */
  public static Tensor of(long... values) {
    return of(values, values.length);
  }

  /** Int64 values in row-major order, in a shape. */
  public static Tensor of(long[] values, int... shape) {
    Tensor t = empty(DType.INT64, Format.CONTIGUOUS, Shape.of(shape));
    t.checkCount(values.length);
    ek_put(t.address(), values, 0, values.length * 8L);
    return t.touched();
  }

  /** Bytes 0..255 in row-major order, in a shape. */
  public static Tensor of(byte[] values, int... shape) {
    Tensor t = empty(DType.UINT8, Format.CONTIGUOUS, Shape.of(shape));
    t.checkCount(values.length);
    ek_put(t.address(), values, 0, values.length);
    return t.touched();
  }

  private void checkCount(long values) {
    if (values != size()) throw new ShapeException(values + " values do not fill a shape of " + shape);
  }

  // ---- what it is ----

  /** The logical shape. */
  public Shape shape() {
    return shape;
  }

  /** Extent of a dimension; negative ones count from the end. */
  public int dim(int i) {
    return shape.dim(i);
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.rank();
  }

  /** Number of elements. */
  public long size() {
    return shape.size();
  }

  /** Element type. */
  public DType dtype() {
    return dtype;
  }

  /** Layout in memory. */
  public Format format() {
    return format;
  }

  /** Whether the elements lie in row-major order of the logical shape. */
  public boolean isContiguous() {
    return format == Format.CONTIGUOUS || shape.dim(1) == 1 || shape.dim(2) * (long) shape.dim(3) == 1;
  }

  /** Whether it has four dimensions and its channels are neighbours in memory. */
  public boolean isChannelsLast() {
    return format == Format.CHANNELS_LAST
        || rank() == 4 && (shape.dim(1) == 1 || shape.dim(2) * (long) shape.dim(3) == 1);
  }

  /**
   * Address of the first element, for native code.
   *
   * @throws ClosedTensorException if the tensor has been freed
   */
  public long address() {
    if (isClosed()) throw new ClosedTensorException("a tensor of shape " + shape + " was closed by " + closedBy);
    return storage.address;
  }

  /** Identifies the contents: changes with every change in place. */
  public long stamp() {
    return storage.stamp();
  }

  /**
   * As {@link #stamp()}, for native code that keeps a rearranged copy of the contents until they change or go; 0 where
   * this thread keeps none.
   */
  public long packedStamp() {
    return Context.get().forgetful ? 0 : storage.packedStamp();
  }

  /** Notes that native code has changed the contents. */
  public void touch() {
    storage.touch();
  }

  /** Type and shape, as {@code float32 (100, 1, 28, 28)}. */
  public String describe() {
    return dtype + " " + shape;
  }

  // ---- life ----

  /** Whether it has been freed. */
  public boolean isClosed() {
    String by = closedBy;
    return by != null && by != LEAVING;
  }

  /** Frees it. Closing twice does nothing. */
  @Override
  public void close() {
    close("close()");
  }

  void close(String who) {
    while (!CLOSED_BY.compareAndSet(this, null, who)) {
      if (isClosed()) return;
      Thread.onSpinWait(); // another thread is about to say who frees the memory
    }
    scope = null;
    if (cleanable != null) cleanable.clean();
    else storage.run();
  }

  /**
   * Lets it outlive the scopes it was made in: it is freed by {@link #close()} or the garbage collector. Returns this.
   */
  public Tensor keep() {
    scope = null;
    if (cleanable == null) abandon();
    address();
    return this;
  }

  /**
   * Leaves it to the garbage collector too, unless it is closed. Other threads may close or leave it meanwhile: one of
   * them at a time, so that all know who frees the memory.
   */
  synchronized void abandon() {
    scope = null;
    if (cleanable != null || !CLOSED_BY.compareAndSet(this, null, LEAVING)) return;
    try {
      cleanable = CLEANER.register(this, storage);
    } finally {
      closedBy = null;
    }
  }

  Scope scope() {
    return scope;
  }

  void moveTo(Scope s) {
    scope = s;
    s.add(this);
  }

  Storage storage() {
    return storage;
  }

  /** Another tensor on the same memory, outside the graph. */
  Tensor share() {
    return view(shape, format);
  }

  private static void checkRank(Format format, Shape shape) {
    if (format == Format.CONTIGUOUS || shape.rank() == 4) return;
    throw new ShapeException("channels-last is for four dimensions, not " + shape);
  }

  private Tensor view(Shape shape, Format format) {
    address();
    if (!storage.share()) address(); // closed meanwhile
    return new Tensor(storage, shape, dtype, format);
  }

  // ---- gradients ----

  /** Whether operations on it are recorded: it is a parameter, or was computed from one. */
  public boolean requiresGrad() {
    return requiresGrad || node != null;
  }

  /**
   * Makes it a parameter, whose gradient {@link #backward()} computes (or not). Returns this.
   *
   * @throws DTypeException unless it holds floats
   */
  public Tensor requiresGrad(boolean wanted) {
    if (wanted) Check.floats("requiresGrad", this);
    if (node != null) {
      throw new EinkornException("requiresGrad is for parameters; this tensor was computed: detach() it");
    }
    requiresGrad = wanted;
    return this;
  }

  /** The gradient of a parameter after {@link #backward()}, or null. */
  public Tensor grad() {
    return grad;
  }

  /** Frees the gradient. */
  public void zeroGrad() {
    Tensor g = grad;
    grad = null;
    if (g != null) g.close("zeroGrad");
  }

  /** The same values outside the graph; shares the memory. */
  public Tensor detach() {
    return Trace.same(this, share());
  }

  /**
   * Computes the gradients of all parameters this scalar depends on, adds them to {@link #grad()}, frees the graph.
   *
   * @throws ShapeException unless this is a single number
   * @throws EinkornException if it depends on no parameter, or an earlier call freed the graph
   */
  public void backward() {
    backward(false);
  }

  /** As {@link #backward()}; keeps the graph for another call if asked. */
  public void backward(boolean retainGraph) {
    if (size() != 1) {
      throw new ShapeException("backward without a gradient needs a single number, not shape " + shape);
    }
    address();
    try (var s = new Scope("backward")) {
      Graph.backward(this, full(1, shape.dims()), retainGraph);
    }
  }

  /**
   * As {@link #backward()} for a tensor of any shape, given the gradient with respect to it.
   *
   * @throws ShapeException unless the gradient has this tensor's shape
   */
  public void backward(Tensor gradient) {
    if (!gradient.shape.equals(shape)) {
      throw new ShapeException("a gradient of shape " + gradient.shape + " for a tensor of shape " + shape);
    }
    Check.floats("backward", gradient);
    address();
    Graph.backward(this, gradient, false);
  }

  /** Takes over g as (part of) this parameter's gradient. Of threads that do so at once, some may add nothing. */
  void accumulate(Tensor g) {
    Tensor before = grad;
    if (before != null && !before.isClosed()) {
      grad = before.plusInPlace(g).keptAsGradientOf(this);
      return;
    }
    Tensor mine = g.storage.isShared() || g.format != format ? g.to(format).unshared() : g;
    if (mine != g) g.close("backward");
    grad = mine.keptAsGradientOf(this);
  }

  private Tensor keptAsGradientOf(Tensor parameter) {
    if (cleanable == null) {
      Keeper k = parameter.gradients;
      if (k == null || !k.hold(storage)) { // a gradient of another thread has it, and alone reaches it from now on
        k = new Keeper(CLEANER);
        k.hold(storage);
        parameter.gradients = k;
      }
      cleanable = k;
    }
    keep();
    VarHandle.releaseFence(); // who sees it as the gradient sees who frees it
    return this;
  }

  private Tensor unshared() {
    return storage.isShared() ? copy() : this;
  }

  /** This plus g, in this one's memory if nobody shares it; g is freed. */
  Tensor plusInPlace(Tensor g) {
    Tensor mine = unshared();
    Tensor same = g.to(format);
    Native.check(ek_axpy(1, same.address(), mine.address(), size()));
    mine.touch();
    if (same != g) same.close("backward");
    g.close("backward");
    if (mine != this) close("backward");
    return mine;
  }

  // ---- layout ----

  /** This tensor if it is in the format, or else a copy that is: the logical tensor and its gradient are the same. */
  public Tensor to(Format wanted) {
    if (wanted == format || (wanted == Format.CONTIGUOUS ? isContiguous() : isChannelsLast())) return this;
    Tensor y = empty(dtype, wanted, shape);
    long c = dim(1), hw = (long) dim(2) * dim(3);
    long[] dims = {dim(0), c, hw};
    long[] nchw = {c * hw, hw, 1}, nhwc = {c * hw, 1, c};
    boolean last = wanted == Format.CHANNELS_LAST;
    Native.check(ek_strided_copy(3, dims, last ? nchw : nhwc, last ? nhwc : nchw, dtype.bytes(), address(),
        y.address()));
    Memory.converted();
    return Graph.record(new ToFormat(), y, in -> in[0].to(wanted), this);
  }

  /** This tensor in row-major order, as by {@link #to(Format)}. */
  public Tensor contiguous() {
    return to(Format.CONTIGUOUS);
  }

  /** This tensor with its channels as neighbours, as by {@link #to(Format)}. */
  public Tensor channelsLast() {
    return to(Format.CHANNELS_LAST);
  }

  /** A copy with memory of its own, outside the graph. */
  public Tensor copy() {
    Tensor y = like(this);
    Native.check(ek_copy(address(), y.address(), storage.bytes));
    Reference.reachabilityFence(this);
    return Trace.same(this, y);
  }

  /** The same memory seen as a contiguous tensor of another shape of as many elements. For operations: not recorded. */
  public Tensor viewAs(Shape s) {
    return viewAs(s, Format.CONTIGUOUS);
  }

  /**
   * The same memory seen as another shape in another format. For operations: not recorded.
   *
   * @throws ShapeException if the shape has another number of elements, or the format does not fit it
   */
  public Tensor viewAs(Shape s, Format f) {
    if (s.size() != shape.size()) throw new ShapeException("a tensor of shape " + shape + " cannot be seen as " + s);
    checkRank(f, s);
    return view(s, f);
  }

  // ---- arithmetic, element by element; operands are broadcast as in NumPy ----

  /** this + y. */
  public Tensor add(Tensor y) {
    return Add.apply(this, y);
  }

  /** this - y. */
  public Tensor sub(Tensor y) {
    return Sub.apply(this, y);
  }

  /** this · y. */
  public Tensor mul(Tensor y) {
    return Mul.apply(this, y);
  }

  /** this / y. */
  public Tensor div(Tensor y) {
    return Div.apply(this, y);
  }

  /** The larger of both; where they are equal the gradient goes half to each. */
  public Tensor maximum(Tensor y) {
    return Maximum.apply(this, y);
  }

  /** The smaller of both; where they are equal the gradient goes half to each. */
  public Tensor minimum(Tensor y) {
    return Minimum.apply(this, y);
  }

  /** this + b. */
  public Tensor add(double b) {
    return Affine.apply("add", this, 1, b);
  }

  /** this - b. */
  public Tensor sub(double b) {
    return Affine.apply("sub", this, 1, -b);
  }

  /** b - this. */
  public Tensor rsub(double b) {
    return Affine.apply("rsub", this, -1, b);
  }

  /** this · a. */
  public Tensor mul(double a) {
    return Affine.apply("mul", this, a, 0);
  }

  /** this / a. */
  public Tensor div(double a) {
    return DivScalar.apply(this, a);
  }

  /** a / this. */
  public Tensor rdiv(double a) {
    return Reciprocal.apply(this, a);
  }

  /** -this. */
  public Tensor neg() {
    return Neg.apply(this);
  }

  /** The absolute value; its gradient at 0 is 0. */
  public Tensor abs() {
    return Abs.apply(this);
  }

  /** this². */
  public Tensor square() {
    return Square.apply(this);
  }

  /** The square root. */
  public Tensor sqrt() {
    return Sqrt.apply(this);
  }

  /** e to the power of this. */
  public Tensor exp() {
    return Exp.apply(this);
  }

  /** The natural logarithm. */
  public Tensor log() {
    return Log.apply(this);
  }

  /** This to the power of p. */
  public Tensor pow(double p) {
    return Pow.apply(this, (float) p);
  }

  /**
   * min(max(this, low), high).
   *
   * @throws IllegalArgumentException unless low &lt;= high
   */
  public Tensor clamp(double low, double high) {
    return Clamp.apply(this, (float) low, (float) high);
  }

  // ---- activations ----

  /** max(this, 0). */
  public Tensor relu() {
    return Relu.apply(this);
  }

  /** this where it is positive, else slope · this. */
  public Tensor leakyRelu(double slope) {
    return LeakyRelu.apply(this, Check.finite("leakyRelu: slope", slope));
  }

  /** this where it is positive, else alpha (eˣ - 1). */
  public Tensor elu(double alpha) {
    return Elu.apply(this, Check.finite("elu: alpha", alpha));
  }

  /** x Φ(x), Φ being the normal distribution N(0, 1). */
  public Tensor gelu() {
    return Gelu.apply(this, false);
  }

  /** x / (1 + e⁻ˣ), also called swish. */
  public Tensor silu() {
    return Silu.apply(this);
  }

  /** 1 where this is positive, else 0, also for NaN: a perceptron's activation. Its gradient is 0 everywhere. */
  public Tensor step() {
    return Step.apply(this);
  }

  /** 1 / (1 + e⁻ˣ). */
  public Tensor sigmoid() {
    return Sigmoid.apply(this);
  }

  /** The hyperbolic tangent. */
  public Tensor tanh() {
    return Tanh.apply(this);
  }

  /** eˣ / Σ eˣ along a dimension. */
  public Tensor softmax(int dim) {
    return Softmax.apply(this, dim);
  }

  /** x - ln Σ eˣ along a dimension. */
  public Tensor logSoftmax(int dim) {
    return LogSoftmax.apply(this, dim);
  }

  // ---- comparison: bools; both operands of one type, broadcast ----

  /** Where this is equal to y. */
  public Tensor eq(Tensor y) {
    return Compare.EQ.apply(this, y);
  }

  /** As {@link #eq(Tensor)}, against a number. */
  public Tensor eq(double y) {
    return Compare.EQ.apply(this, y);
  }

  /** Where this is not equal to y. */
  public Tensor ne(Tensor y) {
    return Compare.NE.apply(this, y);
  }

  /** As {@link #ne(Tensor)}, against a number. */
  public Tensor ne(double y) {
    return Compare.NE.apply(this, y);
  }

  /** Where this is less than y. */
  public Tensor lt(Tensor y) {
    return Compare.LT.apply(this, y);
  }

  /** As {@link #lt(Tensor)}, against a number. */
  public Tensor lt(double y) {
    return Compare.LT.apply(this, y);
  }

  /** Where this is less than or equal to y. */
  public Tensor le(Tensor y) {
    return Compare.LE.apply(this, y);
  }

  /** As {@link #le(Tensor)}, against a number. */
  public Tensor le(double y) {
    return Compare.LE.apply(this, y);
  }

  /** Where this is greater than y. */
  public Tensor gt(Tensor y) {
    return Compare.GT.apply(this, y);
  }

  /** As {@link #gt(Tensor)}, against a number. */
  public Tensor gt(double y) {
    return Compare.GT.apply(this, y);
  }

  /** Where this is greater than or equal to y. */
  public Tensor ge(Tensor y) {
    return Compare.GE.apply(this, y);
  }

  /** As {@link #ge(Tensor)}, against a number. */
  public Tensor ge(double y) {
    return Compare.GE.apply(this, y);
  }

  // ---- reductions ----

  /** The sum of all elements: a scalar; int64 for integers and bools. */
  public Tensor sum() {
    return Sum.sum(this, false);
  }

  /** The sum over dimensions, which go; over all if none are given. */
  public Tensor sum(int... dims) {
    return Sum.sum(this, false, dims);
  }

  /** The sum over dimensions, which stay with extent 1 if asked. */
  public Tensor sum(boolean keepDim, int... dims) {
    return Sum.sum(this, keepDim, dims);
  }

  /** The mean of all elements: a float scalar; of bools, the share that is true. */
  public Tensor mean() {
    return Sum.mean(this, false);
  }

  /** The mean over dimensions, which go; over all if none are given. */
  public Tensor mean(int... dims) {
    return Sum.mean(this, false, dims);
  }

  /** The mean over dimensions, which stay with extent 1 if asked. */
  public Tensor mean(boolean keepDim, int... dims) {
    return Sum.mean(this, keepDim, dims);
  }

  /** The largest element: a scalar. NaN wins; the gradient goes to the first one. */
  public Tensor max() {
    return Extreme.apply(true, this);
  }

  /** The largest element along a dimension, which goes. NaN wins; the gradient goes to the first one. */
  public Tensor max(int dim) {
    return Extreme.apply(true, this, dim);
  }

  /** The smallest element: a scalar. NaN wins; the gradient goes to the first one. */
  public Tensor min() {
    return Extreme.apply(false, this);
  }

  /** The smallest element along a dimension, which goes. NaN wins; the gradient goes to the first one. */
  public Tensor min(int dim) {
    return Extreme.apply(false, this, dim);
  }

  /** Position of the largest element in row-major order, the first one of equals: an int64 scalar. */
  public Tensor argmax() {
    return Extreme.index(true, this);
  }

  /** Position of the largest element along a dimension, which goes; the first one of equals: int64. */
  public Tensor argmax(int dim) {
    return Extreme.index(true, this, dim);
  }

  /** Position of the smallest element in row-major order, the first one of equals: an int64 scalar. */
  public Tensor argmin() {
    return Extreme.index(false, this);
  }

  /** Position of the smallest element along a dimension, which goes; the first one of equals: int64. */
  public Tensor argmin(int dim) {
    return Extreme.index(false, this, dim);
  }

  // ---- shape ----

  /**
   * The same elements, in row-major order, in another shape; one extent may be -1, which is then found. Shares the
   * memory where this is contiguous.
   *
   * @throws ShapeException if the shape has another number of elements
   */
  public Tensor reshape(int... shape) {
    return Reshape.apply(this, shape);
  }

  /** As {@link #reshape}, under its other name in PyTorch; a copy where PyTorch would refuse. */
  public Tensor view(int... shape) {
    return Reshape.apply(this, shape);
  }

  /** Joins the dimensions from one to the last, as by {@link #reshape}. */
  public Tensor flatten(int start) {
    int axis = Check.axis("flatten", this, start);
    int[] d = Arrays.copyOf(shape.dims(), axis + 1);
    d[axis] = -1;
    return reshape(d);
  }

  /** Removes a dimension of extent 1, as by {@link #reshape}; of another extent, returns this tensor itself. */
  public Tensor squeeze(int dim) {
    int axis = Check.axis("squeeze", this, dim);
    return dim(axis) == 1 ? reshape(shape.without(axis).dims()) : this;
  }

  /** Inserts a dimension of extent 1, as by {@link #reshape}; -1 appends it. */
  public Tensor unsqueeze(int dim) {
    return reshape(shape.insert(dim, 1).dims());
  }

  /**
   * Reorders the dimensions: the new first one is dims[0]. Shares the memory where the elements lie in the order of a
   * {@link Format} already, and is a copy elsewhere, as PyTorch's never is: change neither in place.
   */
  public Tensor permute(int... dims) {
    return Permute.apply(this, dims);
  }

  /** Swaps two dimensions, as by {@link #permute}. */
  public Tensor transpose(int a, int b) {
    int[] dims = new int[rank()];
    Arrays.setAll(dims, i -> i);
    dims[Check.axis("transpose", this, a)] = shape.axis(b);
    dims[Check.axis("transpose", this, b)] = shape.axis(a);
    return permute(dims);
  }

  /**
   * The transposed matrix, as by {@link #permute}.
   *
   * @throws ShapeException unless there are two dimensions
   */
  public Tensor t() {
    Check.rank("t", this, 2, "a matrix");
    return permute(1, 0);
  }

  /** A copy of the elements start to start + length along a dimension; a negative start counts from the end. */
  public Tensor narrow(int dim, int start, int length) {
    return Narrow.apply(this, dim, start, length);
  }

  /** A copy of the elements at one index of a dimension, which goes. */
  public Tensor select(int dim, int index) {
    return narrow(dim, index, 1).squeeze(dim);
  }

  /**
   * A copy of the given rows (indices of the first dimension), in that order.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Tensor indexSelect(Tensor rows) {
    return IndexSelect.apply(this, rows);
  }

  /** This inside a border of zeros, as wide on all sides of the last two dimensions. */
  public Tensor pad2d(int all) {
    return Pad2d.apply(this, all, all, all, all, 0);
  }

  /** This inside a border of a number in the last two dimensions. */
  public Tensor pad2d(int top, int left, int bottom, int right, double value) {
    return Pad2d.apply(this, top, left, bottom, right, value);
  }

  /**
   * The matrix product, as {@code torch.matmul}: (…, m, k) by (…, k, n) is (…, m, n), where what stands before the last
   * two is broadcast, and a vector is a row on the left and a column on the right.
   *
   * @throws ShapeException if the shapes do not fit
   */
  public Tensor matmul(Tensor b) {
    return MatMul.apply(this, b);
  }

  /** This in another type: floats are cut off towards 0, bool means not 0. Only float32 to itself has a gradient. */
  public Tensor to(DType wanted) {
    return Cast.apply(this, wanted);
  }

  // ---- in place: never recorded, and refused where a gradient would be wrong by that ----

  /**
   * Overwrites this with the elements of x, broadcast and converted. Returns this.
   *
   * @throws EinkornException if this was computed from parameters, or x was, outside {@link NoGrad}
   */
  public Tensor copyInPlace(Tensor x) {
    checkInPlace("copyInPlace", x);
    Tensor same = x.dtype == dtype && x.storage == storage ? x.copy() : Cast.apply(x, dtype);
    Layout.copyStretched(same, this);
    if (same != x) same.close();
    return touched();
  }

  /**
   * Sets every element. Returns this.
   *
   * @throws EinkornException if this was computed from parameters
   */
  public Tensor fillInPlace(double value) {
    checkInPlace("fillInPlace", this);
    Native.check(switch (dtype) {
      case FLOAT32 -> ek_fill_float(address(), (float) value, size());
      case INT64 -> ek_fill_long(address(), (long) value, size());
      case UINT8 -> ek_fill_byte(address(), (int) value, size());
      case BOOL -> ek_fill_byte(address(), value != 0 ? 1 : 0, size());
    });
    return touched();
  }

  /**
   * Adds x, broadcast. Returns this.
   *
   * @throws EinkornException if this was computed from parameters, or x was, outside {@link NoGrad}
   */
  public Tensor addInPlace(Tensor x) {
    return inPlace("addInPlace", einkorn::ek_add, x);
  }

  /**
   * Adds a number. Returns this.
   *
   * @throws EinkornException if this was computed from parameters
   */
  public Tensor addInPlace(double b) {
    return affineInPlace("addInPlace", 1, b);
  }

  /**
   * Multiplies by x, broadcast. Returns this.
   *
   * @throws EinkornException if this was computed from parameters, or x was, outside {@link NoGrad}
   */
  public Tensor mulInPlace(Tensor x) {
    return inPlace("mulInPlace", einkorn::ek_mul, x);
  }

  /**
   * Multiplies by a number. Returns this.
   *
   * @throws EinkornException if this was computed from parameters
   */
  public Tensor mulInPlace(double a) {
    return affineInPlace("mulInPlace", a, 0);
  }

  /**
   * Draws every element uniformly from [low, high). Returns this.
   *
   * @throws IllegalArgumentException unless both are finite and low &lt;= high
   */
  public Tensor uniformInPlace(double low, double high) {
    checkInPlace("uniformInPlace", this);
    Check.floats("uniformInPlace", this);
    float a = Check.finite("uniformInPlace: low", low), b = Check.finite("uniformInPlace: high", high);
    if (a > b) throw new IllegalArgumentException("uniformInPlace: low " + a + " must not exceed high " + b);
    Native.check(ek_uniform(Random.seed(), Random.claim(size()), a, b, address(), size()));
    return touched();
  }

  /**
   * Draws every element from a normal distribution. Returns this.
   *
   * @throws IllegalArgumentException unless both are finite and the deviation is not negative
   */
  public Tensor normalInPlace(double mean, double deviation) {
    checkInPlace("normalInPlace", this);
    Check.floats("normalInPlace", this);
    float m = Check.finite("normalInPlace: mean", mean);
    float d = Check.range("normalInPlace: deviation", deviation, 0, Float.MAX_VALUE);
    Native.check(ek_normal(Random.seed(), Random.claim(size()), m, d, address(), size()));
    return touched();
  }

  private Tensor inPlace(String op, Broadcast.Kernel kernel, Tensor x) {
    checkInPlace(op, x);
    Check.floats(op, this);
    Check.floats(op, x);
    Broadcast.run(kernel, this, x, this);
    return touched();
  }

  private Tensor affineInPlace(String op, double a, double b) {
    checkInPlace(op, this);
    Check.floats(op, this);
    Native.check(ek_affine(address(), (float) a, (float) b, address(), size()));
    return touched();
  }

  private void checkInPlace(String op, Tensor x) {
    Trace.refuseChange(op, this, x);
    if (node != null) {
      throw new EinkornException(op + ": this tensor of shape " + shape
          + " was computed from parameters, and its gradient would be wrong: detach() it");
    }
    if (x.node != null && NoGrad.isRecording()) {
      throw new EinkornException(op + ": the operand of shape " + x.shape + " was computed from parameters, and its "
          + "gradient would be lost: detach() it, or use NoGrad");
    }
    if (!Shape.broadcast(shape, x.shape).equals(shape)) {
      throw new ShapeException(op + ": shape " + x.shape + " cannot be broadcast to " + shape);
    }
  }

  private Tensor touched() {
    storage.touch();
    Reference.reachabilityFence(this);
    return this;
  }

  // ---- reading ----

  /**
   * The number in a tensor of one element, as a float whatever its type.
   *
   * @throws ShapeException if there are more elements
   */
  public float item() {
    Trace.refuseRead("item", this);
    if (size() != 1) throw new ShapeException("item() needs a single number, not shape " + shape);
    long a = address();
    float v = switch (dtype) {
      case FLOAT32 -> ek_read_float(a);
      case INT64 -> ek_read_long(a);
      case UINT8, BOOL -> ek_read_byte(a);
    };
    Reference.reachabilityFence(this);
    return v;
  }

  /** The floats in row-major order of the logical shape. */
  public float[] toFloats() {
    Check.floats("toFloats", this);
    Trace.refuseRead("toFloats", this);
    float[] out = new float[arraySize(shape)];
    Tensor c = contiguous();
    ek_get(c.address(), out, 0, out.length * 4L);
    Reference.reachabilityFence(c);
    return out;
  }

  /** The int64 values in row-major order. */
  public long[] toLongs() {
    Check.dtype("toLongs", this, DType.INT64);
    Trace.refuseRead("toLongs", this);
    return longs();
  }

  long[] longs() {
    long[] out = new long[arraySize(shape)];
    Tensor c = contiguous();
    ek_get(c.address(), out, 0, out.length * 8L);
    Reference.reachabilityFence(c);
    return out;
  }

  private static int arraySize(Shape shape) {
    if (shape.size() > Integer.MAX_VALUE - 8) throw new ShapeException("too large for a Java array: " + shape);
    return (int) shape.size();
  }

  /** The values of a bool or uint8 tensor in row-major order. */
  public byte[] toBytes() {
    Trace.refuseRead("toBytes", this);
    if (dtype.bytes() != 1) Check.dtype("toBytes", this, DType.UINT8);
    byte[] out = new byte[arraySize(shape)];
    Tensor c = contiguous();
    ek_get(c.address(), out, 0, out.length);
    Reference.reachabilityFence(c);
    return out;
  }

  /** The values as PyTorch prints them, with four decimals, and shortened above 1000 elements. */
  @Override
  public String toString() {
    return isClosed() ? describe() + " closed by " + closedBy : Printer.print(this);
  }
}
