/**
 * Images in plain Java, and what is done to them before they become tensors: transforms named as in torchvision, put in
 * a row by {@link io.github.einkorn.data.transforms.Transforms#of}. Random ones draw from the seed, the epoch and the
 * sample alone, so that results do not depend on the number of workers.
 */
package io.github.einkorn.data.transforms;
