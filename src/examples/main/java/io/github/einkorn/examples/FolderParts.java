package io.github.einkorn.examples;

import io.github.einkorn.data.DataLoader;
import io.github.einkorn.data.Dataset;
import io.github.einkorn.data.ImageFolder;
import io.github.einkorn.data.transforms.CenterCrop;
import io.github.einkorn.data.transforms.ColorJitter;
import io.github.einkorn.data.transforms.Lighting;
import io.github.einkorn.data.transforms.Normalize;
import io.github.einkorn.data.transforms.RandomCrop;
import io.github.einkorn.data.transforms.RandomHorizontalFlip;
import io.github.einkorn.data.transforms.Resize;
import io.github.einkorn.data.transforms.ToTensor;
import io.github.einkorn.data.transforms.Transform;
import io.github.einkorn.data.transforms.Transforms;
import java.nio.file.Path;
import java.util.List;

/**
 * Any folder of images with a folder for each class: four fifths of them to train on, shifted, mirrored and lit
 * differently each time, and a fifth to validate with.
 */
record FolderParts(List<String> classes, DataLoader train, DataLoader valid) {
  /** Images cut to size × size, in batches. */
  static FolderParts of(Path root, int size, int batch) {
    ImageFolder folder = new ImageFolder(root).skipCorrupt();
    List<Dataset> parts = folder.stratifiedSplit(0.8, 1);
    System.out.printf("%,d images of %s; %,d to train on, %,d to validate with%n", folder.size(), folder.classes(),
        parts.get(0).size(), parts.get(1).size());

    int larger = size * 8 / 7; // 256 for crops of 224
    Transform augment = Transforms.of(new Resize(larger), new RandomCrop(size), new RandomHorizontalFlip(),
        new ColorJitter().brightness(0.2).contrast(0.2), new Lighting(), new ToTensor(), Normalize.imageNet());
    Transform plain = Transforms.of(new Resize(larger), new CenterCrop(size), new ToTensor(), Normalize.imageNet());
    int workers = Runtime.getRuntime().availableProcessors();
    return new FolderParts(folder.classes(),
        new DataLoader(parts.get(0).transform(augment)).batchSize(batch).shuffle(true).workers(workers),
        new DataLoader(parts.get(1).transform(plain)).batchSize(batch).workers(workers));
  }
}
