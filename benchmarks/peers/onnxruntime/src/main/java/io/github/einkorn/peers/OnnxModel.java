package io.github.einkorn.peers;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.UnaryOperator;

/**
 * A net as an ONNX model of random weights, written field by field; the numbers are those of onnx.proto. A layer takes
 * the name of its input and returns that of its output.
 */
final class OnnxModel implements Layers<UnaryOperator<String>> {
  static final String INPUT = "x";
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;
  private static final int FLOAT = 1;

  private final SplittableRandom random = new SplittableRandom(1);
  private final ByteString.Output graph = ByteString.newOutput();
  private final CodedOutputStream out = CodedOutputStream.newInstance(graph);
  private int names;

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private OnnxModel() {}

  /** The bytes of a model. */
  static byte[] of(Work work) {
    var model = new OnnxModel();
    String h = INPUT;
    for (UnaryOperator<String> layer : work.net().layers(model)) h = layer.apply(h);
    String output = h;
    return message(m -> {
      m.writeInt64(1, IR_VERSION);
      m.writeBytes(7, model.finish(work.input(), output)); // graph
      m.writeBytes(8, message(o -> o.writeInt64(2, OPSET)));
    }).toByteArray();
  }

  private ByteString finish(int[] input, String output) throws IOException {
    out.writeString(2, "net");
    out.writeBytes(11, valueInfo(INPUT, input));
    out.writeBytes(12, valueInfo(output));
    out.flush();
    return graph.toByteString();
  }

  private static ByteString message(Fields fields) {
    try {
      var bytes = ByteString.newOutput();
      var out = CodedOutputStream.newInstance(bytes);
      fields.write(out);
      out.flush();
      return bytes.toByteString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteString valueInfo(String name, int... shape) {
    ByteString dims = message(s -> {
      for (int n : shape) s.writeBytes(1, message(d -> d.writeInt64(1, n)));
    });
    ByteString tensor = message(t -> {
      t.writeInt32(1, FLOAT);
      if (shape.length > 0) t.writeBytes(2, dims);
    });
    return message(v -> {
      v.writeString(1, name);
      v.writeBytes(2, message(t -> t.writeBytes(1, tensor)));
    });
  }

  /** A node with one output, whose name it returns. */
  private String node(String type, List<String> inputs, ByteString... attributes) {
    String output = "t" + names++;
    append(1, message(n -> {
      for (String x : inputs) n.writeString(1, x);
      n.writeString(2, output);
      n.writeString(4, type);
      for (ByteString a : attributes) n.writeBytes(5, a);
    }));
    return output;
  }

  private static ByteString integers(String name, long... values) {
    return message(a -> {
      a.writeString(1, name);
      for (long v : values) a.writeInt64(8, v);
      a.writeInt32(20, 7);
    });
  }

  private static ByteString integer(String name, long value) {
    return message(a -> {
      a.writeString(1, name);
      a.writeInt64(3, value);
      a.writeInt32(20, 2);
    });
  }

  /** An initializer of numbers drawn from (low, high). */
  private String weight(double low, double high, int... shape) {
    return initializer(() -> random.nextDouble(low, high), shape);
  }

  private String scalar(double value) {
    return initializer(() -> value);
  }

  private String initializer(DoubleSupplier values, int... shape) {
    String name = "w" + names++;
    var data = ByteBuffer.allocate(4 * Arrays.stream(shape).reduce(1, Math::multiplyExact))
        .order(ByteOrder.LITTLE_ENDIAN);
    while (data.hasRemaining()) data.putFloat((float) values.getAsDouble());
    append(5, message(t -> {
      for (int n : shape) t.writeInt64(1, n);
      t.writeInt32(2, FLOAT);
      t.writeString(8, name);
      t.writeByteArray(9, data.array());
    }));
    return name;
  }

  private void append(int field, ByteString message) {
    try {
      out.writeBytes(field, message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public UnaryOperator<String> conv(int in, int out, int kernel, int stride, int pad, boolean bias) {
    return conv(in, out, kernel, stride, pad, 1, bias);
  }

  private UnaryOperator<String> conv(int in, int out, int kernel, int stride, int pad, int groups, boolean bias) {
    double bound = 1 / Math.sqrt(in / groups * kernel * kernel);
    String w = weight(-bound, bound, out, in / groups, kernel, kernel);
    List<String> b = bias ? List.of(weight(-bound, bound, out)) : List.of();
    return x -> node("Conv", bias ? List.of(x, w, b.get(0)) : List.of(x, w), window("kernel_shape", kernel),
        window("strides", stride), integers("pads", pad, pad, pad, pad), integer("group", groups));
  }

  @Override
  public UnaryOperator<String> depthwise(int channels, int stride) {
    return conv(channels, channels, 3, stride, 1, channels, false);
  }

  private static ByteString window(String name, int n) {
    return integers(name, n, n);
  }

  @Override
  public UnaryOperator<String> linear(int in, int out) {
    double bound = 1 / Math.sqrt(in);
    String w = weight(-bound, bound, out, in);
    String b = weight(-bound, bound, out);
    return x -> node("Gemm", List.of(x, w, b), integer("transB", 1));
  }

  @Override
  public UnaryOperator<String> batchNorm(int c) {
    String scale = weight(0.5, 1.5, c), shift = weight(-1, 1, c), mean = weight(-1, 1, c), var = weight(0.5, 1.5, c);
    return x -> node("BatchNormalization", List.of(x, scale, shift, mean, var));
  }

  @Override
  public UnaryOperator<String> relu() {
    return x -> node("Relu", List.of(x));
  }

  @Override
  public UnaryOperator<String> relu6() {
    String low = scalar(0), high = scalar(6);
    return x -> node("Clip", List.of(x, low, high));
  }

  @Override
  public UnaryOperator<String> tanh() {
    return x -> node("Tanh", List.of(x));
  }

  @Override
  public UnaryOperator<String> sigmoid() {
    return x -> node("Sigmoid", List.of(x));
  }

  @Override
  public UnaryOperator<String> maxPool(int kernel, int stride, int pad) {
    return x -> node("MaxPool", List.of(x), window("kernel_shape", kernel), window("strides", stride),
        integers("pads", pad, pad, pad, pad));
  }

  @Override
  public UnaryOperator<String> avgPool(int kernel, int stride) {
    return x -> node("AveragePool", List.of(x), window("kernel_shape", kernel), window("strides", stride));
  }

  @Override
  public UnaryOperator<String> globalAvgPool() {
    return x -> node("Flatten", List.of(node("GlobalAveragePool", List.of(x))));
  }

  @Override
  public UnaryOperator<String> flatten() {
    return x -> node("Flatten", List.of(x));
  }

  @Override
  public UnaryOperator<String> dropout(double p) {
    return x -> x;
  }

  @Override
  public UnaryOperator<String> residual(List<UnaryOperator<String>> body, List<UnaryOperator<String>> shortcut) {
    return x -> node("Relu", List.of(node("Add", List.of(chain(body, x), chain(shortcut, x)))));
  }

  @Override
  public UnaryOperator<String> skip(List<UnaryOperator<String>> body) {
    return x -> node("Add", List.of(chain(body, x), x));
  }

  private static String chain(List<UnaryOperator<String>> layers, String x) {
    for (UnaryOperator<String> layer : layers) x = layer.apply(x);
    return x;
  }
}
