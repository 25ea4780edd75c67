package io.github.einkorn.peers;

import io.github.einkorn.Einkorn;
import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Mnist;
import io.github.einkorn.nn.CrossEntropyLoss;
import io.github.einkorn.nn.Sequential;
import io.github.einkorn.optim.Optimizer;
import io.github.einkorn.train.Accuracy;
import io.github.einkorn.train.Trainer;

/** The quickstart's net, an epoch a step. */
final class EinkornMnist implements Worker {
  private final DataLoader train = new DataLoader(Mnist.train()).batchSize(100).shuffle(true);
  private final DataLoader test = new DataLoader(Mnist.test()).batchSize(500);
  private final Optimizer adam;
  private final Trainer trainer;
  private int epoch;

  EinkornMnist() {
    Einkorn.seed(1);
    Sequential net = EinkornWorker.net(Net.QUICKSTART);
    adam = EinkornWorker.optimizer(Net.QUICKSTART.update, net);
    trainer = new Trainer(net).loss(new CrossEntropyLoss()).metrics(new Accuracy()).optimizer(adam).verbose(0);
  }

  @Override
  public void step() {
    adam.lr(Whole.rate(epoch++));
    trainer.fit(train, 1);
  }

  @Override
  public double accuracy() {
    return trainer.evaluate(test).get("accuracy");
  }
}
