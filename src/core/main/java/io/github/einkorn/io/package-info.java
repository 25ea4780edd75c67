/** Files of tensors: {@link io.github.einkorn.io.Safetensors}. */
package io.github.einkorn.io;
