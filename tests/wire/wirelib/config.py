"""The configuration of a test: the defaults with a dialogue's snippet merged in, two levels deep. Knows just enough of YAML for that."""
import re


def blocks(text, indent):
    """Splits a block mapping into (key, lines) at one indentation; lines hold the key's own line first."""
    out = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        m = re.match(" {%d}([^\\s#:-][^:]*):(\\s|$)" % indent, line)
        if m:
            out.append((m[1], [line]))
        elif out:
            out[-1][1].append(line)
        else:
            raise ValueError("config snippet does not start with a key: " + line)
    return out


def is_mapping(lines):
    return lines[0].rstrip().endswith(":") and len(lines) > 1 and not lines[1].lstrip().startswith("-")


def merge(base, extra):
    """Keys of extra replace those of base; below mappings the second level is merged, too. 'key: default' drops the key."""
    merged = dict(blocks(base, 0))
    for key, lines in blocks(extra, 0):
        if key in merged and is_mapping(lines) and is_mapping(merged[key]):
            inner = dict(blocks("\n".join(merged[key][1:]), 2))
            inner.update(blocks("\n".join(lines[1:]), 2))
            merged[key] = [key + ":"] + [line for part in inner.values() for line in part]
        elif lines[0].strip() == key + ": default":
            merged.pop(key, None)
        else:
            merged[key] = lines
    return "\n".join(line for lines in merged.values() for line in lines) + "\n"


def add_candidate(config, candidate):
    """Gives every policy that stands as a block, and has none, the same candidate: the text of a policy below `policies`."""
    name = blocks(candidate, 2)[0][0]

    def extended(policy):
        if not is_mapping(policy) or any(line.startswith("    candidate:") for line in policy):
            return policy
        return [policy[0], "    candidate: " + name] + policy[1:]

    out = []
    for key, lines in blocks(config, 0):
        if key == "policies":
            policies = blocks("\n".join(lines[1:]), 2)
            lines = lines[:1] + [line for _, policy in policies for line in extended(policy)] + candidate.rstrip("\n").split("\n")
        out += lines
    return "\n".join(out) + "\n"


def substitute(text, values):
    for key, value in values.items():
        text = text.replace("{{%s}}" % key, str(value))
    return text
