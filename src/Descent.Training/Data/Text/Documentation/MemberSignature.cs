using System.Text;

namespace Descent.Training.Data;

/// <summary>
/// Documentation ids (C# specification, annex D.4) as people write them: <c>M:System.IO.File.ReadAllText(System.String)</c> becomes
/// <c>System.IO.File.ReadAllText(String path)</c>.
/// </summary>
internal static class MemberSignature
{
    /// <summary>Writes a type or member with its parameters.</summary>
    /// <param name="id">The documentation id.</param>
    /// <param name="parameters">Names of the documented parameters, in order.</param>
    /// <param name="typeParameters">Names of the member's own type parameters, in order.</param>
    /// <param name="typeParametersOf">Names of the type parameters of types, by id without prefix.</param>
    /// <returns>The type it is or belongs to and the signature; null for what nobody writes: explicit interface implementations, compiler-made names.</returns>
    public static (string Type, string Text)? Write(
        string id,
        ReadOnlySpan<string> parameters,
        IReadOnlyList<string> typeParameters,
        IReadOnlyDictionary<string, string[]> typeParametersOf)
    {
        int list = id.IndexOf('(');
        string name = list < 0 ? id[2..] : id[2..list];
        bool isType = id[0] == 'T';
        if (name.Contains("op_", StringComparison.Ordinal) || name.Replace("#ctor", string.Empty, StringComparison.Ordinal).AsSpan().ContainsAny('#', '<', '@'))
        {
            return null;
        }

        int dot = name.LastIndexOf('.');
        string type = isType || dot < 0 ? name : name[..dot];
        IReadOnlyList<string> outer = typeParametersOf.TryGetValue(type, out string[]? names) ? names : [];
        var text = new StringBuilder(WithoutArity(type));
        AppendTypeParameters(text, isType ? typeParameters : outer);
        if (!isType)
        {
            string member = name[(dot + 1)..];
            int arity = member.IndexOf('`');
            member = arity < 0 ? member : member[..arity];
            text.Append('.').Append(member == "#ctor" ? LastName(WithoutArity(type)) : member);
            AppendTypeParameters(text, arity < 0 ? [] : typeParameters);
        }

        if (id[0] == 'M')
        {
            string[] types = list < 0 ? [] : [.. SplitList(id[(list + 1)..id.LastIndexOf(')')])];
            text.Append('(');
            for (int i = 0; i < types.Length; i++)
            {
                text.Append(i == 0 ? string.Empty : ", ").Append(TypeName(types[i], outer, typeParameters));
                if (parameters.Length == types.Length)
                {
                    text.Append(' ').Append(parameters[i]);
                }
            }

            text.Append(')');
        }

        return (type, text.ToString());
    }

    /// <summary>A reference inside a sentence: a type by its last name, a member with its type's.</summary>
    /// <param name="reference">A documentation id, or any other word.</param>
    public static string ShortName(string reference)
    {
        if (reference.Length < 2 || reference[1] != ':')
        {
            return reference;
        }

        int list = reference.IndexOf('(');
        string name = list < 0 ? reference[2..] : reference[2..list];
        name = WithoutArity(name);
        string last = LastName(name);
        if (reference[0] is 'T' or 'N' or '!')
        {
            return last;
        }

        string type = LastName(name[..Math.Max(0, name.Length - last.Length - 1)]);
        last = last.Replace('#', '.');
        return last == ".ctor" ? type : type.Length > 0 ? $"{type}.{last}" : last;
    }

    private static void AppendTypeParameters(StringBuilder text, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            text.Append('<').AppendJoin(", ", names).Append('>');
        }
    }

    /// <summary>One type of a parameter list: <c>System.Nullable{System.Int32}</c> becomes <c>Nullable&lt;Int32&gt;</c>.</summary>
    private static string TypeName(string id, IReadOnlyList<string> outer, IReadOnlyList<string> own)
    {
        int end = id.IndexOfAny(['[', '@', '*']);
        if (end >= 0 && !id.AsSpan(0, end).Contains('{'))
        {
            return (id[^1] == '@' ? "ref " : string.Empty) + TypeName(id[..end], outer, own) + id[end..].TrimEnd('@').Replace("0:", string.Empty, StringComparison.Ordinal);
        }

        int open = id.IndexOf('{');
        int close = id.LastIndexOf('}');
        if (open >= 0 && close > open)
        {
            IEnumerable<string> arguments = SplitList(id[(open + 1)..close]).Select(argument => TypeName(argument, outer, own));
            string suffix = id[(close + 1)..];
            string prefix = suffix.EndsWith('@') ? "ref " : string.Empty;
            return $"{prefix}{LastName(WithoutArity(id[..open]))}<{string.Join(", ", arguments)}>{suffix.TrimEnd('@')}";
        }

        if (id.StartsWith("``", StringComparison.Ordinal))
        {
            return Parameter(own, id[2..]);
        }

        return id.StartsWith('`') ? Parameter(outer, id[1..]) : LastName(WithoutArity(id));
    }

    private static string Parameter(IReadOnlyList<string> names, string index) =>
        int.TryParse(index, out int place) && place < names.Count ? names[place] : "T";

    private static string LastName(string name) => name[(name.LastIndexOf('.') + 1)..];

    /// <summary>Leaves out numbers of type parameters (<c>List`1</c>) and type arguments (<c>List{System.Int32}</c>).</summary>
    private static string WithoutArity(string name)
    {
        if (!name.AsSpan().ContainsAny('`', '{'))
        {
            return name;
        }

        var text = new StringBuilder(name.Length);
        int depth = 0;
        for (int i = 0; i < name.Length; i++)
        {
            depth += name[i] == '{' ? 1 : 0;
            if (depth == 0 && name[i] == '`')
            {
                while (i + 1 < name.Length && (name[i + 1] == '`' || char.IsAsciiDigit(name[i + 1])))
                {
                    i++;
                }
            }
            else if (depth == 0)
            {
                text.Append(name[i]);
            }

            depth -= name[i] == '}' ? 1 : 0;
        }

        return text.ToString();
    }

    /// <summary>Splits at the commas that no brackets enclose.</summary>
    private static IEnumerable<string> SplitList(string list)
    {
        int start = 0;
        int depth = 0;
        for (int i = 0; i < list.Length; i++)
        {
            depth += list[i] is '{' or '[' or '(' ? 1 : list[i] is '}' or ']' or ')' ? -1 : 0;
            if (list[i] == ',' && depth == 0)
            {
                yield return list[start..i];
                start = i + 1;
            }
        }

        yield return list[start..];
    }
}
