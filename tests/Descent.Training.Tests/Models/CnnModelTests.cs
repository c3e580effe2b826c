using System.Runtime.InteropServices;
using Descent.Training.Initialization;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Models;

public sealed class CnnModelTests
{
    /// <summary>Freed memory full of NaNs, from which libtorch takes what it needs next: nothing that nobody wrote may reach a result.</summary>
    [Theory]
    [InlineData(1, 4, 8)]
    [InlineData(3, 10, 24)]
    [InlineData(1, 16, 32)]
    public void ForwardAndBackward_AmongRemainsOfNaNs_StayFinite(int planes, int first, int second)
    {
        for (int i = 0; i < 5; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            using Model model = TestModels.Initialized(new CnnOptions { Channels = [first, second] }, TestModels.Images(classes: 3, size: 8, channels: planes));
            using Tensor input = randn(6, planes, 8, 8);
            LeaveNaNsBehind();
            Tensor output = model.call(input);
            Assert.False(output.isnan().any().item<bool>(), "the output");
            LeaveNaNsBehind();
            BackwardPass.Run(output.sum());
            Assert.All(model.named_parameters(), entry => Assert.False(entry.parameter.grad!.isnan().any().item<bool>(), entry.name));
        }
    }

    private static unsafe void LeaveNaNsBehind()
    {
        List<nint> blocks = [];
        for (int size = 64; size < 200_000; size = size * 3 / 2)
        {
            for (int copy = 0; copy < 6; copy++)
            {
                void* block = NativeMemory.AlignedAlloc((nuint)size, 64);
                new Span<byte>(block, size).Fill(0xFF);
                blocks.Add((nint)block);
            }
        }

        foreach (nint block in blocks)
        {
            NativeMemory.AlignedFree((void*)block);
        }
    }
}
