#compdef rtiler
# Completion of rtiler in zsh: source <(rtiler completions zsh), or as the file _rtiler in a folder of $fpath.
_rtiler() {
    local files candidate about
    local -a lines plain open shown_plain shown_open
    lines=("${(@f)$("${words[1]}" complete -- "${(@)words[1,CURRENT]}" 2>/dev/null)}")
    files="${lines[1]}"
    for candidate in "${(@)lines[2,-1]}"; do
        [[ -z $candidate ]] && continue
        about="${candidate#*$'\t'}"
        candidate="${candidate%%$'\t'*}"
        if [[ $candidate == *[=:] ]]; then
            open+=("$candidate") shown_open+=("$candidate  $about")
        else
            plain+=("$candidate") shown_plain+=("$candidate  $about")
        fi
    done
    (( ${#plain} )) && compadd -l -d shown_plain -- "${plain[@]}"
    (( ${#open} )) && compadd -S '' -l -d shown_open -- "${open[@]}"
    if [[ $files == files ]]; then
        compset -P '*='
        _files
    fi
}
if [[ ${funcstack[1]} == _rtiler ]]; then
    _rtiler "$@"
else
    compdef _rtiler rtiler
fi
