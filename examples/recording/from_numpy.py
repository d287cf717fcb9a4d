from gradient_flow_recorder import Recorder

recorder = Recorder("run.jsonl")
for step, batch in enumerate(batches):
    loss, gradients = train(batch)
    recorder.write(step, gradients, loss)
