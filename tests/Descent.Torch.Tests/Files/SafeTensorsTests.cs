using System.Buffers.Binary;
using System.Text;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Files;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string File => Path.Combine(_folder.Path, "t.safetensors");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Read_OfWhatWasWritten_IsBitIdentical()
    {
        (string Name, Tensor Tensor)[] tensors =
        [
            ("weight", randn(3, 5)),
            ("transposed", randn(4, 6).t()),
            ("wide", randn(7, dtype: ScalarType.Float64)),
            ("half", randn(9).to(ScalarType.BFloat16)),
            ("counts", arange(11)),
            ("flags", tensor(new[] { true, false, true })),
            ("scalar", tensor(3.5f)),
            ("nothing", empty(0, 4)),
        ];
        string hash = SafeTensors.Write(File, tensors, new Dictionary<string, string> { ["format"] = "pt" });
        using SafeTensorsFile file = SafeTensorsFile.Open(File);

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.IO.File.ReadAllBytes(File))), hash);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(tensors.Select(entry => entry.Name).Order(), file.Names.Order());
        foreach ((string name, Tensor expected) in tensors)
        {
            Tensor actual = file.Read(name);
            Assert.Equal(expected.dtype, actual.dtype);
            Assert.Equal(expected.shape, actual.shape);
            Assert.Equal(expected.contiguous().bytes.ToArray(), actual.bytes.ToArray());
        }
    }

    [Fact]
    public void Write_AlignsTheData()
    {
        SafeTensors.Write(File, [("odd_name", ones(2))]);

        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(System.IO.File.ReadAllBytes(File)) % 8);
    }

    [Fact]
    public void ReadInto_ConvertsTheElementType_AndRefusesAnotherShape()
    {
        SafeTensors.Write(File, [("x", ones(2, 3, dtype: ScalarType.Float64))]);
        using SafeTensorsFile file = SafeTensorsFile.Open(File);
        Tensor target = zeros(2, 3);
        file.ReadInto("x", target);

        Assert.Equal(6, target.sum().item<float>());
        Assert.Contains("[2, 3]", Assert.Throws<InvalidDataException>(() => file.ReadInto("x", zeros(3, 2))).Message, StringComparison.Ordinal);
        Assert.Contains("no tensor 'y'", Assert.Throws<InvalidDataException>(() => file.Read("y")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "takes 8 bytes")]
    [InlineData("""{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown element type")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "no sound shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "starts at byte 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 2, "but 2 are there")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "but 8 are there")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "takes 73786976294838206464 bytes")]
    [InlineData("""{"a":{"shape":[1]}}""", 4, "header is not valid")]
    [InlineData("""{"a":""", 0, "header is not valid")]
    public void Open_OfADamagedFile_SaysWhatIsWrong(string header, int dataBytes, string expected)
    {
        var bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        Encoding.UTF8.GetBytes(header).CopyTo(bytes, 8);
        System.IO.File.WriteAllBytes(File, bytes);

        string message = Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Open(File).Dispose()).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.StartsWith(File, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    public void Open_OfAFileThatIsTooShort_SaysSo(int length)
    {
        System.IO.File.WriteAllBytes(File, new byte[length]);

        Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Open(File).Dispose());
    }
}
