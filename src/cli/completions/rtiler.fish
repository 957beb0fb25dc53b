# Completion of rtiler in fish: rtiler completions fish | source
function __rtiler_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines ($words[1] complete -- $words 2>/dev/null)
    string match -q files -- $lines[1]; and __fish_complete_path (commandline -ct)
    test (count $lines) -gt 1; and printf '%s\n' $lines[2..-1]
end
complete -c rtiler -f -a '(__rtiler_complete)'
