package io.github.einkorn.models;

import io.github.einkorn.Tensor;
import io.github.einkorn.data.transforms.Normalize;
import io.github.einkorn.nn.BatchNorm2d;
import io.github.einkorn.nn.Concat;
import io.github.einkorn.nn.Conv2d;
import io.github.einkorn.nn.Dropout;
import io.github.einkorn.nn.Flatten;
import io.github.einkorn.nn.GlobalAvgPool2d;
import io.github.einkorn.nn.Init;
import io.github.einkorn.nn.LRN;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.nn.Linear;
import io.github.einkorn.nn.MaxPool2d;
import io.github.einkorn.nn.ReLU;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.nn.Window;

/**
 * Images (N, 3, 224, 224) to (N, numClasses) by nine inception modules, each of four branches side by side (Szegedy et
 * al. 2014, <a href="https://arxiv.org/abs/1409.4842">Going Deeper with Convolutions</a>). The size is halved five
 * times, to 7×7, where the mean of each channel is taken. The auxiliary classifiers, which are for training alone, are
 * left out.
 */
public final class GoogLeNet extends Sequential {
  private final boolean batchNorm;
  private final TransformInput transform; // null in the paper's model

  /** y = (x σ + μ - 0.5) / 0.5 for each channel, or x. Has no state, as torchvision's state dict has no name for it. */
  private static final class TransformInput extends Layer {
    private final Tensor scale = channels(Normalize.imageNet().std()).div(0.5).keep();
    private final Tensor shift = channels(Normalize.imageNet().mean()).sub(0.5).div(0.5).keep();
    private boolean wanted;

    private static Tensor channels(double[] values) {
      return Tensor.of(new float[] {(float) values[0], (float) values[1], (float) values[2]}, 3, 1, 1);
    }

    @Override
    public Tensor forward(Tensor x) {
      return wanted ? x.mul(scale).add(shift) : x;
    }

    @Override
    protected String details() {
      return wanted ? "True" : "False";
    }
  }

  private GoogLeNet(int numClasses, boolean batchNorm) {
    this.batchNorm = batchNorm;
    transform = batchNorm ? new TransformInput() : null;
    if (batchNorm) add("transform_input", transform);
    add("conv1", conv(3, 64, Window.of(7).stride(2).pad(3))).add("maxpool1", halve(3));
    if (!batchNorm) add("norm1", norm());
    add("conv2", conv(64, 64, Window.of(1))).add("conv3", conv(64, 192, Window.of(3).pad(1)));
    if (!batchNorm) add("norm2", norm());
    add("maxpool2", halve(3));
    // the paper's table 1: channels in, then #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj
    add("inception3a", inception(192, 64, 96, 128, 16, 32, 32));
    add("inception3b", inception(256, 128, 128, 192, 32, 96, 64));
    add("maxpool3", halve(3));
    add("inception4a", inception(480, 192, 96, 208, 16, 48, 64));
    add("inception4b", inception(512, 160, 112, 224, 24, 64, 64));
    add("inception4c", inception(512, 128, 128, 256, 24, 64, 64));
    add("inception4d", inception(512, 112, 144, 288, 32, 64, 64));
    add("inception4e", inception(528, 256, 160, 320, 32, 128, 128));
    add("maxpool4", halve(batchNorm ? 2 : 3));
    add("inception5a", inception(832, 256, 160, 320, 32, 128, 128));
    add("inception5b", inception(832, 384, 192, 384, 48, 128, 128));
    add("avgpool", new GlobalAvgPool2d()).add("flatten", new Flatten());
    add("dropout", new Dropout(batchNorm ? 0.2 : 0.4)).add("fc", new Linear(1024, numClasses));
  }

  /**
   * As in the paper, with biases and {@link LRN} (radius 2, k = 1, α = 2e-5, β = 0.75): 6,998,552 parameters for 1,000
   * classes. Weights start from N(0, 2 / fan_in), biases from 0, those of the last layer as in {@link Linear}.
   */
  public GoogLeNet(int numClasses) {
    this(numClasses, false);
    Weights.convolutions(this, Init::heNormal);
  }

  /**
   * As in torchvision, with batch normalization behind each convolution, and 3×3 where the paper has 5×5: 6,624,904
   * parameters for 1,000 classes. Layers, first weights and the names in the state dict are torchvision's, so that its
   * weights can be loaded, once those of the auxiliary classifiers are taken out; the ones it was trained with on
   * ImageNet want {@link #transformInput}:
   *
   * <pre>{@code
   * Map<String, Tensor> state = Safetensors.read(file);
   * state.keySet().removeIf(name -> name.startsWith("aux"));
   * model.transformInput(true).loadStateDict(state);
   * }</pre>
   */
  public static GoogLeNet batchNorm(int numClasses) {
    var model = new GoogLeNet(numClasses, true);
    Weights.convolutions(model, Weights::small);
    model.children().get("fc").init("weight", Weights::small);
    return model;
  }

  /**
   * Whether images that were normalized with ImageNet's means μ and deviations σ, (0.485, 0.456, 0.406) and (0.229,
   * 0.224, 0.225), are first normalized with means and deviations of 0.5 instead, as they were for the training of
   * torchvision's weights: x becomes x σ / 0.5 + (μ - 0.5) / 0.5. Default false, as torchvision's {@code
   * transform_input} is without {@code weights}; with them it is true. Returns this.
   *
   * @throws IllegalStateException if this is the paper's model, which has no weights of torchvision's
   */
  public GoogLeNet transformInput(boolean wanted) {
    if (!batchNorm) {
      throw new IllegalStateException("GoogLeNet: transformInput is for torchvision's weights, which are for"
          + " GoogLeNet.batchNorm");
    }
    transform.wanted = wanted;
    return this;
  }

  private Concat inception(int in, int one, int reduce3, int three, int reduce5, int five, int project) {
    var largest = Window.of(batchNorm ? 3 : 5).pad(batchNorm ? 1 : 2);
    return new Concat(1)
        .add("branch1", conv(in, one, Window.of(1)))
        .add("branch2", new Sequential(conv(in, reduce3, Window.of(1)), conv(reduce3, three, Window.of(3).pad(1))))
        .add("branch3", new Sequential(conv(in, reduce5, Window.of(1)), conv(reduce5, five, largest)))
        .add("branch4", new Sequential(new MaxPool2d(Window.of(3).stride(1).pad(1).ceilMode(true)),
            conv(in, project, Window.of(1))));
  }

  private Layer conv(int in, int out, Window window) {
    var conv = new Conv2d(in, out, window);
    if (!batchNorm) return new Sequential().add("conv", conv).add("relu", new ReLU());
    return new Sequential().add("conv", conv.bias(false)).add("bn", new BatchNorm2d(out).eps(0.001))
        .add("relu", new ReLU());
  }

  private static MaxPool2d halve(int kernel) {
    return new MaxPool2d(Window.of(kernel).stride(2).ceilMode(true));
  }

  private static LRN norm() {
    return new LRN(2).k(1).alpha(2e-5).beta(0.75);
  }
}
