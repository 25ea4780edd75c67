package io.github.einkorn.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.einkorn.data.transforms.Draws;
import io.github.einkorn.data.transforms.Image;
import io.github.einkorn.data.transforms.Interpolation;
import io.github.einkorn.data.transforms.RandomRotation;
import io.github.einkorn.data.transforms.Resize;
import org.bytedeco.pytorch.InterpolateFuncOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kBilinear;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transforms of images, beside the functions of PyTorch that torchvision calls for tensors. */
class TransformsTest {
  private static Image image(Input x) {
    return Image.of(x.floats().clone(), x.shape()[1], x.shape()[2], x.shape()[3]);
  }

  @ParameterizedTest
  @CsvSource({"1x3x40x30,17,13", "1x3x40x30,80,45", "1x1x7x9,7,3", "1x3x227x301,64,64", "1x2x5x5,1,12"})
  void resizeIsInterpolateWithAntialias(String shape, int height, int width) {
    Input x = Input.uniform(shape, 0, 1).fixed();
    float[] ours = new Resize(height, width).apply(image(x)).toFloats();
    Torch.DOUBLE.scoped(() -> {
      var options = new InterpolateFuncOptions();
      options.size().put(new LongVector(height, width));
      options.mode().put(new kBilinear());
      options.align_corners().put(false);
      options.antialias().put(true);
      double[] theirs = values(torch.interpolate(Torch.DOUBLE.of(x), options));
      assertThat(ours).hasSameSizeAs(theirs);
      for (int i = 0; i < ours.length; i++) assertThat((double) ours[i]).isCloseTo(theirs[i], within(4e-6));
    });
  }

  /** Away from the edges, where torchvision mixes in black and Pillow does not. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 10, -33.3, 90, 178})
  void rotationIsGridSample(double degrees) {
    int height = 24;
    int width = 31;
    Input x = Input.uniform("1x3x" + height + "x" + width, 0, 1).fixed();
    float[] ours =
        new RandomRotation(degrees, degrees, Interpolation.BILINEAR, 0).apply(image(x), new Draws(0, 0)).toFloats();
    double cos = Math.cos(Math.toRadians(degrees));
    double sin = Math.sin(Math.toRadians(degrees));
    Input theta = Input.of("1x2x3", cos, -sin * height / width, 0, sin * width / height, cos, 0).fixed();
    Torch.DOUBLE.scoped(() -> {
      Tensor grid = torch.affine_grid_generator(Torch.DOUBLE.of(theta), new long[] {1, 3, height, width}, false);
      Tensor in = Torch.DOUBLE.of(x);
      double[] theirs = values(torch.grid_sampler_2d(in, grid, 0, 0, false));
      double[] whole = values(torch.grid_sampler_2d(torch.ones_like(in), grid, 0, 0, false)); // less where black is in
      int compared = 0;
      for (int i = 0; i < ours.length; i++) {
        if (whole[i] < 1 - 1e-9) continue;
        assertThat((double) ours[i]).isCloseTo(theirs[i], within(4e-6));
        compared++;
      }
      assertThat(compared).isGreaterThan(ours.length / 2);
    });
  }

  private static double[] values(Tensor t) {
    return Torch.DOUBLE.read(t).v();
  }
}
