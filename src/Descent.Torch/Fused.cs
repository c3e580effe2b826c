namespace Descent.Torch;

/// <summary>
/// TorchSharp's optimizers, one fused pass each: replace <c>torch.optim.AdamW(…)</c> by <c>Fused.AdamW(…)</c>, and nothing else
/// changes but the speed and the memory of a step.
/// </summary>
/// <remarks>
/// Arguments have the names, the order and the defaults of TorchSharp 0.107, also where PyTorch's defaults differ (AdamW's weight
/// decay is 0 here and 1e-2 in PyTorch). Parameter groups are TorchSharp's own (<c>AdamW.ParamGroup</c> …), so schedulers turn their rates, momenta and
/// betas. Where TorchSharp's results differ from PyTorch's, these are PyTorch's: SGD with <c>maximize</c> and weight decay shrinks the weights.
/// </remarks>
public static partial class Fused;
