using System.Buffers.Binary;
using System.Text;

namespace Descent.Torch;

/// <summary>Makes a copy of TorchSharp's bridge load where the C++ runtime is older than that of its build machine.</summary>
/// <remarks>
/// <para>A library lists the symbol versions it needs in <c>.gnu.version_r</c>; the dynamic linker refuses to load it when one is missing, unless
/// the entry is flagged weak. Two of the bridge's entries are newer than the systems served, and neither is needed:</para>
/// <list type="bullet">
/// <item><c>GLIBCXX_3.4.32</c> (GCC 13) is there for <c>std::ios_base_library_init()</c>, a marker without a relocation that nothing calls.</item>
/// <item><c>GLIBCXX_3.4.30</c> (GCC 12) is there for <c>std::condition_variable::wait</c>, which every C++ runtime since GCC 4.4 also
/// exports as <c>GLIBCXX_3.4.11</c>, with the same effect: its reference is pointed at that one.</item>
/// </list>
/// <para>Layout: System V ABI, ELF64 and the GNU symbol versioning section of the Linux Standard Base, chapter 10.7.</para>
/// </remarks>
internal static class VersionNeeds
{
    private const string Marker = "GLIBCXX_3.4.32";
    private const string Wait = "_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE";
    private const string WaitNew = "GLIBCXX_3.4.30";
    private const string WaitOld = "GLIBCXX_3.4.11";

    private const uint DynamicSymbols = 11;           // SHT_DYNSYM
    private const uint Versions = 0x6fffffff;         // SHT_GNU_versym
    private const uint NeededVersions = 0x6ffffffe;   // SHT_GNU_verneed
    private const ushort Weak = 2;                    // VER_FLG_WEAK
    private const int SymbolSize = 24;

    /// <summary>Changes <paramref name="image"/> in place and returns it. Changing it again changes nothing.</summary>
    /// <exception cref="InvalidDataException">Not a little-endian 64-bit ELF library with symbol versions, or cut short.</exception>
    public static byte[] Relax(byte[] image)
    {
        try
        {
            var elf = new Sections(image);
            var needed = Needed(elf);
            if (needed.TryGetValue(Marker, out var marker))
            {
                SetWeak(image, marker);
            }

            if (needed.TryGetValue(WaitNew, out var recent) && needed.TryGetValue(WaitOld, out var old)
                && Retarget(elf, Index(image, recent), Index(image, old)))
            {
                SetWeak(image, recent);
            }

            return image;
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"The file ends ({image.Length} bytes) before what its headers announce.");
        }
    }

    /// <summary>Version name → offset of its <c>Elf64_Vernaux</c> {hash, flags, index, name, next}.</summary>
    private static Dictionary<string, int> Needed(Sections elf)
    {
        var image = elf.Image;
        var section = elf.Find(NeededVersions);
        var names = elf.At(section.Link);
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var (file, next) = (section.Offset, 1); next != 0; file += next)
        {
            next = Int(image, file + 12);             // Elf64_Verneed {version, count, file, aux, next}
            var entry = file + Int(image, file + 8);
            for (int i = 0, count = Short(image, file + 2); i < count; i++)
            {
                found[Text(image, names.Offset + Int(image, entry + 8))] = entry;
                entry += Int(image, entry + 12);
            }
        }

        return found;
    }

    /// <summary>Moves the wait symbol from one version to another. False when another symbol still needs the first one.</summary>
    private static bool Retarget(Sections elf, ushort from, ushort to)
    {
        var image = elf.Image;
        var symbols = elf.Find(DynamicSymbols);
        var versions = elf.Find(Versions);
        var names = elf.At(symbols.Link);
        var onlyWait = true;
        for (var i = 0; i < symbols.Length / SymbolSize; i++)
        {
            var version = versions.Offset + (2 * i);
            if (Short(image, version) != from)
            {
                continue;
            }

            if (Text(image, names.Offset + Int(image, symbols.Offset + (i * SymbolSize))) == Wait)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(version), to);
            }
            else
            {
                onlyWait = false;
            }
        }

        return onlyWait;
    }

    private static void SetWeak(byte[] image, int entry) =>
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(entry + 4), (ushort)(Short(image, entry + 4) | Weak));

    private static ushort Index(byte[] image, int entry) => Short(image, entry + 6);

    private static ushort Short(byte[] image, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(offset));

    private static int Int(byte[] image, int offset) => BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(offset));

    private static string Text(byte[] image, int offset)
    {
        var rest = image.AsSpan(offset);
        return Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
    }

    private readonly record struct Section(int Offset, int Length, int Link);

    /// <summary>The section headers: <c>Elf64_Shdr</c> {name, type, flags, addr, offset, size, link, info, align, entry size}.</summary>
    private readonly struct Sections
    {
        private const int HeaderSize = 64;

        private readonly int _table;
        private readonly int _count;

        public Sections(byte[] image)
        {
            // Magic, 64-bit class, little endian.
            if (!image.AsSpan().StartsWith("\u007fELF\u0002\u0001"u8))
            {
                throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
            }

            Image = image;
            _table = checked((int)BinaryPrimitives.ReadInt64LittleEndian(image.AsSpan(40)));
            _count = Short(image, 60);
        }

        public byte[] Image { get; }

        public Section At(int index)
        {
            var header = Image.AsSpan(_table + (index * HeaderSize), HeaderSize);
            return new Section(
                checked((int)BinaryPrimitives.ReadInt64LittleEndian(header[24..])),
                checked((int)BinaryPrimitives.ReadInt64LittleEndian(header[32..])),
                BinaryPrimitives.ReadInt32LittleEndian(header[40..]));
        }

        public Section Find(uint type)
        {
            for (var i = 0; i < _count; i++)
            {
                if (BinaryPrimitives.ReadUInt32LittleEndian(Image.AsSpan(_table + (i * HeaderSize) + 4)) == type)
                {
                    return At(i);
                }
            }

            throw new InvalidDataException("The ELF file has no symbol version sections.");
        }
    }
}
