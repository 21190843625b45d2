"""What the program says about itself: the pages in docs/ are those it prints, manual pages render, the JSON Schema takes every good
configuration and refuses bad ones, and what `config show` prints loads again to the same."""
import glob
import json
import os
import re
import subprocess
import tempfile
import textwrap
import unittest

import jsonschema
import yaml

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
PROGRAM = os.environ.get("MAILWEIR_BIN") or f"{TOP}/build/release/mailweir"
PAGES = {"configuration": "docs/configuration.md", "policy": "docs/policy-words.md", "commands": "docs/commands.md"}
ACTIONS = ("accept trust reject tempfail discard quarantine redirect add_recipient tag add_header remove_header subject_tag delay "
           "disconnect").split()
OPERATORS = "in not over under matches absent present".split()
NECESSARY = {"hostname": "mx.example.org", "listeners": ["*:25"], "backends": {"main": "127.0.0.1:10025"}}


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == code, f"mailweir {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}"
    return done.stdout


def read(path):
    with open(f"{TOP}/{path}", encoding="utf-8") as file:
        return file.read()


class Yaml12(yaml.SafeLoader):
    """Scalars as YAML 1.2 and editors take them: `no` and 1:30 are texts."""


Yaml12.yaml_implicit_resolvers = {}
for tag, pattern, first in (("bool", r"^(true|false)$", "tf"), ("int", r"^-?(0|[1-9][0-9]*)$", "-0123456789"),
                            ("float", r"^-?[0-9]+\.[0-9]+$", "-0123456789"), ("null", r"^(~|null|)$", ["~", "n", ""])):
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def load(text):
    return yaml.load(text, Loader=Yaml12)


def readme_configuration():
    blocks = re.findall(r"(?:^    .*\n)+", read("README.md"), re.MULTILINE)
    return next(textwrap.dedent(block) for block in blocks if block.startswith("    hostname:"))


def good_files():
    """Complete configurations."""
    return sorted(glob.glob(f"{TOP}/tests/config/good/*.yaml") + [f"{TOP}/examples/postfix/mailweir.yaml", f"{TOP}/examples/exim/mailweir.yaml"] +
                  [f"{TOP}/tests/offline/both.yaml", f"{TOP}/tests/offline/shop.yaml"])


def good_texts():
    for path in good_files():
        with open(path, encoding="utf-8") as file:
            yield os.path.relpath(path, TOP), load(file.read())
    for path in glob.glob(f"{TOP}/examples/policies/*.yaml"):
        if not path.endswith(".test.yaml"):
            yield os.path.relpath(path, TOP), completed(load(read(os.path.relpath(path, TOP))))
    construct = load(read("tests/fuzz/corpus/policy/every-construct.yaml"))
    yield "every construct", {**NECESSARY, "lists": construct["lists"], "policies": {"inbound": construct["p"]}}
    yield "README.md", load(readme_configuration())
    yield "config defaults", load(run("config", "defaults"))


def completed(example):
    """An example may be a configuration, a part of one or a policy."""
    if "listeners" in example:
        return example
    return {**NECESSARY, **(example if "policies" in example else {"policies": {"inbound": example}})}


class Pages(unittest.TestCase):
    def test_the_pages_in_docs_are_those_that_the_program_prints(self):
        for page, path in PAGES.items():
            with self.subTest(page):
                again = f"mailweir config reference {page} >{path}, or all: cmake --build --preset debug --target write-reference"
                self.assertEqual(read(path), run("config", "reference", page), f"\n{path} is stale. Write it again: {again}")

    def test_they_tell_of_every_option_fact_action_operator_and_command(self):
        options = [line.split()[0] for line in run("config", "help").splitlines()]
        facts = [fact["name"] for fact in json.loads(run("config", "facts", "--json"))["facts"]]
        commands = re.findall(r"^  (\w+) ", run("--help"), re.MULTILINE)
        self.assertTrue(len(options) > 50 and len(facts) > 20 and "explain" in commands)
        for page, names in (("configuration", options), ("policy", facts + ACTIONS + OPERATORS), ("commands", commands)):
            markdown, manual = run("config", "reference", page), rendered(page)
            for name in names:
                self.assertIn(name, markdown)
                self.assertIn(name, manual)

    def test_each_command_tells_its_usage_in_the_manual(self):
        manual = re.sub(r"\s+", " ", rendered("commands"))
        for command in re.findall(r"^  (\w+) ", run("--help"), re.MULTILINE):
            text = run("help", command)
            self.assertEqual(text, run(command, "--help"))
            self.assertTrue(text.startswith(f"Usage: mailweir {command}"))
            self.assertIn(re.sub(r"\s+", " ", text).strip(), manual)

    def test_manual_pages_render_without_a_warning(self):
        self.assertIn("XX", render(run("config", "reference", "policy", "--man") + ".XX no such macro\n")[1])
        for page in PAGES:
            with self.subTest(page):
                self.assertGreater(len(rendered(page).splitlines()), 50)


def rendered(page):
    text, warnings = render(run("config", "reference", page, "--man"))
    assert not warnings, warnings
    return text


def render(manual):
    """A manual page as a terminal wide enough to break no word shows it, and what there is to complain about."""
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": "400", "MANPAGER": "cat"}
    done = subprocess.run(["man", "--warnings=w", "--no-hyphenation", "-l", "-"], env=env, input=manual, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=True)
    return re.sub(".\b", "", done.stdout), done.stderr


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(run("config", "schema"))
        jsonschema.Draft202012Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def errors(self, configuration):
        return [f"{error.json_path}: {error.message[:300]}" for error in self.validator.iter_errors(configuration)]

    def test_every_good_configuration_is_valid(self):
        for name, configuration in good_texts():
            with self.subTest(name):
                self.assertEqual(self.errors(configuration), [])

    def test_bad_configurations_are_not(self):
        for name in ("addresses", "missing-value", "no-backend", "no-mapping", "out-of-range", "short-forms", "typo", "unknown-filter",
                     "wrong-type"):
            with self.subTest(name):
                self.assertNotEqual(self.errors(load(read(f"tests/config/bad/{name}.yaml"))), [])

    def assert_rule(self, good, stage, rule):
        configuration = {**NECESSARY, "policies": {"inbound": {stage: [{"rule": "r", **rule}]}}}
        self.assertEqual(self.errors(configuration) == [], good, f"{stage}: {rule}: {self.errors(configuration)}")

    def test_rules_that_hold_together_are_valid(self):
        for stage, rule in (("rcpt", {"do": "reject", "when": {"spf": "fail"}, "reply": "550 5.7.1 no"}),
                            ("rcpt", {"do": "reject", "when": {"spf": ["fail", "softfail"]}, "reply": 550}),
                            ("rcpt", {"do": "accept", "when": {"spf": "absent"}}),
                            ("rcpt", {"do": "tempfail", "when": [{"rate.mine": "over"}, {"any": [{"spf": {"not": "pass"}}]}]}),
                            ("data", {"do": "tag", "header": {"X-A": "{spf}"}, "when": {"size": {"over": "10MiB"}}}),
                            ("data", {"do": "add_header", "header": {"X-A": "a"}, "when": {"header.List-Id": {"present": True}}}),
                            ("connect", {"do": "reject", "when": {"rate.mine": "over", "rate.mine.used": {"over": 3}}}),
                            ("connect", {"do": "delay", "for": "5s", "when": {"client.ip": {"in": ["relays"]}}})):
            self.assert_rule(True, stage, rule)

    def test_rules_that_do_not_are_not(self):
        for stage, rule in (("rcpt", {}),                                                     # no action
                            ("rcpt", {"do": "refuse"}),                                       # unknown action
                            ("rcpt", {"do": "reject", "header": {"X-A": "a"}}),               # a key of another action
                            ("data", {"do": "tag"}),                                          # a key is missing
                            ("rcpt", {"do": "discard"}),                                      # not at this stage
                            ("rcpt", {"do": "reject", "reply": "250 fine"}),                  # no reply of a refusal
                            ("rcpt", {"do": "reject", "unless": {"spf": "fail"}}),            # unknown key
                            ("rcpt", {"do": "reject", "mode": "shadwo"}),
                            ("rcpt", {"do": "reject", "when": {"spff": "fail"}}),             # unknown fact
                            ("rcpt", {"do": "reject", "when": {"dmarc": "fail"}}),            # fact not known yet
                            ("rcpt", {"do": "reject", "when": {"header.List-Id": "absent"}}),
                            ("rcpt", {"do": "reject", "when": {"spf": "failed"}}),            # not its word
                            ("rcpt", {"do": "reject", "when": {"spf": {"over": 3}}}),         # operator does not fit
                            ("data", {"do": "reject", "when": {"size": {"over": "10MB"}}}),
                            ("rcpt", {"do": "reject", "when": "spf"}),
                            ("rcpt", {"do": "reject", "when": {}})):
            self.assert_rule(False, stage, rule)

    def test_with_a_configuration_it_knows_the_facts_of_its_limits_and_no_others(self):
        schema = json.loads(run("config", "schema", "-c", f"{TOP}/tests/config/good/limits.yaml"))
        known = schema["$defs"]["condition.rcpt"]["anyOf"][0]
        self.assertIn("rate.per_sender", known["properties"])
        self.assertNotIn("rate.", "".join(known["patternProperties"]))

    def test_every_property_is_described(self):
        def undescribed(schema, path):
            for name, property_ in schema.get("properties", {}).items():
                if property_ is not False and "description" not in property_:
                    yield f"{path}.{name}"
                for below in [property_, *(property_ or {}).get("anyOf", [])]:
                    if isinstance(below, dict):
                        yield from undescribed(below, f"{path}.{name}")
        self.assertEqual(list(undescribed(self.schema, "")), [])


class Show(unittest.TestCase):
    def assert_loads_again_to_the_same(self, path):
        everything = run("config", "show", "--all", "-c", path)
        for printed in (everything, run("config", "show", "-c", path)):
            with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
                file.write(printed)
                file.flush()
                self.assertEqual(without_title(run("config", "show", "--all", "-c", file.name)), without_title(everything))
        self.assertEqual(json.loads(run("config", "show", "--all", "--json", "-c", path)), load(everything))

    def test_what_it_prints_loads_again_to_the_same(self):
        for path in good_files():
            with self.subTest(os.path.relpath(path, TOP)):
                self.assert_loads_again_to_the_same(path)

    def test_so_do_included_files_lists_in_files_and_texts_that_need_quotes(self):
        with tempfile.TemporaryDirectory() as directory:
            os.mkdir(f"{directory}/parts")
            for name, text in (("main.yaml", "include: parts/more.yaml\nhostname: mx.example.org\nlisteners: ['*:25']\n"
                                             "backends: {'a b': 127.0.0.1:10025}\nuser: 'null'\npid_file: ~\n"),
                               ("parts/more.yaml", "lists: {names: [example.com, {file: names.txt}]}\nstate: {directory: .}\n"
                                                   "policies:\n  inbound:\n    rcpt:\n      - rule: '#1: \"quoted\" \\ [x]'\n"
                                                   "        when: {mail_from: {in: names}, client.ip: {not: [192.0.2.1]}}\n"
                                                   "        do: reject\n        reply: >-\n          550 5.7.1 a\n          b\n"
                                                   "      - {rule: 'true', when: [{helo: 'absent'}, {helo: absent}], do: accept}\n"),
                               ("parts/names.txt", "example.net\n")):
                with open(f"{directory}/{name}", "w", encoding="utf-8") as file:
                    file.write(text)
            self.assert_loads_again_to_the_same(f"{directory}/main.yaml")
            shown = load(run("config", "show", "-c", f"{directory}/main.yaml"))
            self.assertEqual(shown["lists"]["names"][1]["file"], f"{os.path.realpath(directory)}/parts/names.txt")
            self.assertEqual(shown["user"], "null")
            self.assertNotIn("include", shown)

    def test_it_shows_what_differs_and_nothing_else(self):
        shown = load(run("config", "show", "-c", f"{TOP}/tests/config/good/ten-lines.yaml"))
        written = load(read("tests/config/good/ten-lines.yaml"))
        self.assertEqual(sorted(shown), sorted(written))

    def test_the_defaults_differ_from_themselves_in_what_must_be_set_only(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
            file.write(run("config", "defaults"))
            file.flush()
            self.assertEqual(sorted(load(run("config", "show", "-c", file.name))), ["backends", "listeners"])

    def test_a_bad_configuration_shows_nothing_and_ends_with_78(self):
        self.assertEqual(run("config", "show", "-c", f"{TOP}/tests/config/bad/typo.yaml", code=78), "")
        self.assertEqual(run("config", "schema", "-c", f"{TOP}/tests/config/bad/typo.yaml", code=78), "")


def without_title(text):
    return text.split("\n", 1)[1]


class Completion(unittest.TestCase):
    def completed(self, *words):
        script = run("config", "completion") + 'mailweir() { "$PROGRAM" "$@"; }\n' + \
            'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mailweir; printf "%s\\n" "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "-c", script, "bash", "mailweir", *words], env={**os.environ, "PROGRAM": PROGRAM},
                              stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.split()

    def test_commands_parts_options_and_names_are_completed(self):
        self.assertEqual(self.completed("expl"), ["explain"])
        self.assertEqual(self.completed("config", "sch"), ["schema"])
        self.assertEqual(self.completed("lookup", "spf", "--mail"), ["--mail-from"])
        self.assertEqual(self.completed("config", "help", "limits.mess"), ["limits.message_size"])


if __name__ == "__main__":
    unittest.main()
