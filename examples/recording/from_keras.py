from gradient_flow_recorder import keras_recorder

recorder = keras_recorder("run.jsonl")
model.compile(optimizer, loss, run_eagerly=True)
model.fit(x, y, callbacks=[recorder])
