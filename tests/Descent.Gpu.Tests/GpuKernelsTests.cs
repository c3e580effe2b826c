namespace Descent.Gpu.Tests;

public sealed class GpuKernelsTests
{
    [Fact]
    public void Missing_WithoutACard_IsOneSentence()
    {
        string? missing = GpuKernels.Missing();
        Assert.SkipWhen(missing is null, "a card is at hand");
        Assert.DoesNotContain('\n', missing!);
        Assert.Contains(new[] { "driver", "libtorch" }, word => missing!.Contains(word, StringComparison.Ordinal));
    }

    [Fact]
    public void RegisterAndUnregister_NeedNoCard()
    {
        GpuKernels.Register();
        GpuKernels.Unregister();
        Assert.Null(Torch.DeviceKernels.Current);
    }
}
