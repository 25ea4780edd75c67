package io.github.einkorn.peers;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.SigmoidBinaryCrossEntropyLoss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Arrays;

/** DJL with its PyTorch engine: one configuration, {@code default}. */
public final class DjlWorker {
  private DjlWorker() {}

  public static void main(String[] args) throws Exception {
    System.setProperty("offline", "true"); // all it needs is in its jars
    Worker.main(args, (task, threads, config) -> {
      System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
      System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
      if (task instanceof Work work) return work.training() ? train(work) : infer(work);
      throw new UnsupportedOperationException("DJL is measured on whole nets");
    });
  }

  private static Model model(Work work) {
    Model model = Model.newInstance(work.toString(), Device.cpu(), "PyTorch");
    model.setBlock(DjlLayers.chain(work.net().layers(new DjlLayers())));
    return model;
  }

  private static Shape shape(Work work) {
    return new Shape(Arrays.stream(work.input()).asLongStream().toArray());
  }

  private static Optimizer optimizer(Net.Update update) {
    Tracker rate = Tracker.fixed((float) update.rate);
    return update == Net.Update.ADAM ? Optimizer.adam().optLearningRateTracker(rate).build()
        : Optimizer.sgd().setLearningRateTracker(rate).optMomentum((float) update.momentum).build();
  }

  private static Worker train(Work work) {
    boolean binary = work.net().classes == 1;
    Loss loss = binary ? new SigmoidBinaryCrossEntropyLoss("loss", 1, true) : Loss.softmaxCrossEntropyLoss();
    Trainer trainer = model(work).newTrainer(new DefaultTrainingConfig(loss)
        .optDevices(new Device[] {Device.cpu()}).optOptimizer(optimizer(work.net().update)));
    trainer.initialize(shape(work));
    NDManager manager = trainer.getManager();
    NDArray x = manager.randomNormal(shape(work));
    NDArray labels = manager.create(work.labels());
    NDArray y = binary ? labels.toType(x.getDataType(), false).reshape(-1, 1) : labels;
    return () -> {
      try (NDManager step = manager.newSubManager()) {
        x.tempAttach(step);
        y.tempAttach(step);
        try (GradientCollector gradients = trainer.newGradientCollector()) {
          gradients.backward(trainer.getLoss().evaluate(new NDList(y), trainer.forward(new NDList(x))));
        }
        trainer.step();
      }
    };
  }

  private static Worker infer(Work work) {
    Model model = model(work);
    NDManager manager = model.getNDManager();
    model.getBlock().initialize(manager, model.getDataType(), shape(work));
    NDArray x = manager.randomNormal(shape(work));
    var parameters = new ParameterStore(manager, false);
    return () -> {
      try (NDManager step = manager.newSubManager()) {
        x.tempAttach(step);
        model.getBlock().forward(parameters, new NDList(x), false);
      }
    };
  }
}
