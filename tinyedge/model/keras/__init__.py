# SPDX-License-Identifier: Apache-2.0
"""Takes a Keras model or SavedModel, gives an integer TFLite model; TensorFlow runs in a child process."""
