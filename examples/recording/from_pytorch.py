from gradient_flow_recorder import TorchRecorder

recorder = TorchRecorder("run.jsonl", model)
for inputs, targets in batches:
    optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    loss.backward()
    optimizer.step()
    recorder.step(loss)
