"""The catalogue as files: `<market>.toml` say what is on sale, `sync.py` puts it in force."""
