package io.github.einkorn.examples;

import io.github.einkorn.ShapeException;
import io.github.einkorn.Tensor;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.Window;
import java.util.List;
import picocli.CommandLine.Command;

/** A tensor goes through a small CNN by hand, and its shape is printed after every layer. */
@Command(name = "ShapeWalk", header = "S0", description = "Shapes through convolution, pooling, flatten and linear")
final class ShapeWalk extends Example {
  @Override
  List<Figure> run() {
    Tensor inputs = Tensor.zeros(1, 1, 28, 28);
    System.out.println("Shape of the tensor: " + inputs.shape());

    var conv1 = new Conv2d(1, 32, Window.of(3).pad(1));
    System.out.println(conv1);
    var conv2 = new Conv2d(32, 64, Window.of(3).pad(1));
    System.out.println(conv2);
    var pool = new MaxPool2d(2);
    System.out.println(pool);

    Tensor out = conv1.forward(inputs);
    System.out.println(out.shape());
    out = pool.forward(out);
    System.out.println(out.shape());
    var afterFirst = out.shape().toString();
    out = conv2.forward(out);
    System.out.println(out.shape());
    out = pool.forward(out);
    System.out.println(out.shape());
    var afterSecond = out.shape().toString();
    out = out.view(out.dim(0), -1); // the batch stays, the rest is laid out in a row
    System.out.println(out.shape());
    var flat = out.shape().toString();
    var fc = new Linear(3136, 10);
    out = fc.forward(out);
    System.out.println(out.shape());

    String mistake = "";
    try {
      fc.forward(out); // the lecture runs its cell twice
    } catch (ShapeException e) {
      mistake = e.getMessage();
      System.out.println("ShapeException: " + mistake);
    }

    return List.of(
        Figure.equal("conv1", "Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))", conv1.toString()),
        Figure.equal("pool", "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
            pool.toString()),
        Figure.equal("after conv1 and pool", "(1, 32, 14, 14)", afterFirst),
        Figure.equal("after conv2 and pool", "(1, 64, 7, 7)", afterSecond),
        Figure.equal("flattened", "(1, 3136)", flat),
        Figure.equal("parameters", 50_186L, conv1.parameterCount() + conv2.parameterCount() + fc.parameterCount()),
        Figure.holds("the error names (1x10 and 3136x10)", mistake.contains("(1x10 and 3136x10)")));
  }
}
