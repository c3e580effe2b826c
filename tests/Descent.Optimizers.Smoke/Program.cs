// Prints what this process's processor offers and the digest of every rule's bits. The digests must be the same with instruction sets
// switched off, and in a native ahead-of-time build: dotnet publish -c Release -p:PublishAot=true tests/Descent.Optimizers.Smoke
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Descent.Optimizers;
using Descent.Testing;

Console.WriteLine($"vector128 {Vector128.IsHardwareAccelerated}");
Console.WriteLine($"vector256 {Vector256.IsHardwareAccelerated}");
Console.WriteLine($"vector512 {Vector512.IsHardwareAccelerated}");
Console.WriteLine($"fma {Fma.IsSupported}");
foreach (string name in OptimizerCatalog.KernelNames)
{
    Console.WriteLine($"{name} {OptimizerContract.Digest(OptimizerCatalog.Create(name)):x16}");
}

foreach (StateFormat format in Enum.GetValues<StateFormat>())
{
    Console.WriteLine($"adamw-{StateCodec.Of(format).Name} {StorageContract.Digest(new AdamWOptions(), format):x16}");
    Console.WriteLine($"amsgrad-{StateCodec.Of(format).Name} {StorageContract.Digest(new AdamWOptions { AmsGrad = true }, format):x16}");
}

Console.WriteLine($"gradient-noise {NoiseDigest():x16}");
Console.WriteLine($"rmsprop-all {OptimizerContract.Digest(new RmsPropOptions { Centered = true, Momentum = 0.9 }):x16}");

static ulong NoiseDigest()
{
    float[] gradient = new float[1003];
    GradientNoise.Add<float>(gradient, new NoiseStream(1, NoiseStream.KeyOf(1, 2, "weight")));
    ulong digest = 14695981039346656037; // FNV-1a
    foreach (float value in gradient)
    {
        digest = (digest ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211;
    }

    return digest;
}
