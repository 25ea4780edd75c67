package io.github.einkorn.examples;

import io.github.einkorn.Tensor;
import java.util.List;
import picocli.CommandLine.Command;

/** Forward and backward through f = x · y + z: by the chain rule, and by the library. */
@Command(name = "BackpropByHand", header = "S1", description = "Back-propagation through (-2 * 5) + 3 = -7, as a graph")
final class BackpropByHand extends Example {
  @Override
  List<Figure> run() {
    double x = -2;
    double y = 5;
    double z = 3;
    // forward
    double q = x * y;
    double f = q + z;
    // backward: the derivative of f by each node, from the output to the inputs
    double df = 1;
    double dq = df; // a sum passes the gradient on
    double dz = df;
    double dx = dq * y; // a product gives each factor the other
    double dy = dq * x;
    System.out.printf("""
        value, gradient of f

        x %3.0f, %2.0f ──┐
                     ├─ × ── q %3.0f, %2.0f ──┐
        y %3.0f, %2.0f ──┘                    ├─ + ── f %3.0f, %2.0f
        z %3.0f, %2.0f ───────────────────────┘
        """, x, dx, q, dq, y, dy, f, df, z, dz);

    Tensor tx = Tensor.of(-2f).requiresGrad(true);
    Tensor ty = Tensor.of(5f).requiresGrad(true);
    Tensor tz = Tensor.of(3f).requiresGrad(true);
    Tensor tf = tx.mul(ty).add(tz);
    tf.sum().backward();
    System.out.printf("%nThe library: f = %.0f, df/dx = %.0f, df/dy = %.0f, df/dz = %.0f%n", tf.item(),
        tx.grad().item(), ty.grad().item(), tz.grad().item());
    return List.of(
        Figure.near("f", -7, 0, f),
        Figure.near("df/dx", 5, 0, dx),
        Figure.near("df/dy", -2, 0, dy),
        Figure.near("df/dz", 1, 0, dz),
        Figure.holds("the library agrees", tf.item() == f && tx.grad().item() == dx && ty.grad().item() == dy
            && tz.grad().item() == dz).own());
  }
}
