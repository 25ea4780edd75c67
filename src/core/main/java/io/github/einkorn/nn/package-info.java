/** Layers, models, losses and initial values, named after PyTorch's; {@link io.github.einkorn.nn.Layer} is the base. */
package io.github.einkorn.nn;
