namespace Descent.Gpu;

/// <summary>The driver refused something.</summary>
/// <param name="message">What was asked, and what the driver answered.</param>
public sealed class CudaException(string message) : InvalidOperationException(message);
